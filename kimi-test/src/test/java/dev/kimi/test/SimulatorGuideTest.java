package dev.kimi.test;

import static dev.kimi.test.Reply.generated;
import static dev.kimi.test.Reply.rateLimited;
import static dev.kimi.test.Reply.reasoning;
import static dev.kimi.test.Reply.text;
import static dev.kimi.test.Reply.unavailable;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.time.VirtualTime;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Holds the code of docs/testing.md, which must occur here word for word. */
@Timeout(60)
class SimulatorGuideTest {

    @TempDir
    private Path folder;

    @Test
    void starts() throws Exception {
        try (KimiSimulator kimi = KimiSimulator.start()) {
            HttpResponse<String> response = new Client(kimi).chat("Why is the sky blue?");

            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(kimi.requests()).hasSize(1);
        }
    }

    @Test
    void scripts() throws Exception {
        try (KimiSimulator kimi = KimiSimulator.start()) {
            kimi.reply(
                    rateLimited(Duration.ofSeconds(1)),
                    unavailable(),
                    reasoning("Short waves scatter more.").thenText("Rayleigh scattering."));

            Client client = new Client(kimi);
            assertThat(client.chat("Why?").statusCode()).isEqualTo(429);
            assertThat(client.chat("Why?").statusCode()).isEqualTo(503);
            assertThat(client.chat("Why?").body()).contains("Rayleigh scattering.");
        }
    }

    @Test
    void modifies() throws Exception {
        try (KimiSimulator kimi = KimiSimulator.start()) {
            kimi.reply(
                    text("A long story.").stallAfterEvents(2),
                    text("A long story.").cutAfterBytes(300),
                    generated().withoutDone(),
                    generated().errorEventAfter(3, "server_error", "out of memory"),
                    generated().after(Duration.ofMillis(5)).drip(16, Duration.ofNanos(1)));

            try (RawClient client = new RawClient(kimi).chat(true)) {
                client.readUntil("\"A\"");
            }
            assertThat(kimi.awaitAborted(1).get(20, TimeUnit.SECONDS)).hasSize(1);
        }
    }

    @Test
    void speaks_like_claude() throws Exception {
        try (KimiSimulator kimi = KimiSimulator.start()) {
            kimi.reply(
                    reasoning("Where is it?").thenToolCall("weather", "{\"city\":\"Paris\"}"),
                    text("He").thenServedBy("claude-opus-4-8").thenText("llo").messageDeltas(2),
                    text("I would rather not.").thenRefusal("bio", "This is about pathogens."),
                    text("").finishReason("pause_turn"),
                    text("See: ")
                            .thenBlock("{\"type\":\"text\",\"text\":\"4.0\",\"citations\":[]}")
                            .pingEvery(2));

            Claude claude = new Claude(kimi);
            for (String reason : List.of("tool_use", "end_turn", "refusal", "pause_turn", "end_turn")) {
                assertThat(claude.post(Claude.request("claude-opus-5-5", "")).body())
                        .contains("\"stop_reason\":\"" + reason + "\"");
            }
        }
    }

    @Test
    void mixes_faults() throws Exception {
        try (KimiSimulator kimi = KimiSimulator.start()) {
            kimi.faults(FaultMix.seeded(42)
                    .with(0.05, rateLimited(Duration.ofSeconds(1)))
                    .with(0.02, unavailable())
                    .withOneAt(117, generated().stallAfterEvents(4)));

            assertThat(new Client(kimi).chat("hi").statusCode()).isIn(200, 429, 503);
        }
    }

    @Test
    void limits() throws Exception {
        VirtualTime time = new VirtualTime();
        try (KimiSimulator kimi = KimiSimulator.builder()
                .limits(AccountLimits.tier0())
                .account("org-a", "sk-one", "sk-two")
                .time(time)
                .start()) {
            Client client = new Client(kimi);
            for (int i = 0; i < 3; i++) {
                assertThat(client.chat("hi").statusCode()).isEqualTo(200);
            }
            assertThat(client.chat("hi").statusCode()).isEqualTo(429);

            time.advance(Duration.ofMinutes(1));
            assertThat(client.chat("hi").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void paces() throws Exception {
        try (KimiSimulator kimi = KimiSimulator.builder()
                .latency(Latency.of(Duration.ofMillis(3), Duration.ofMillis(1)).withTokens(5, 0.5, 42))
                .start()) {
            assertThat(new Client(kimi).stream("hi").body()).endsWith("data: [DONE]\n\n");
        }
    }

    @Test
    void sees_the_client_leave() throws Exception {
        try (KimiSimulator kimi = KimiSimulator.start()) {
            kimi.reply(generated().stallBeforeHeaders());
            RawClient client = new RawClient(kimi).chat(true);
            ReceivedRequest request =
                    kimi.awaitRequests(1).get(10, TimeUnit.SECONDS).get(0);

            client.close();

            assertThat(request.ended().get(10, TimeUnit.SECONDS).byClient()).isTrue();
            kimi.awaitIdle(Duration.ofSeconds(10));
            kimi.awaitDisconnected(Duration.ofSeconds(10));
        }
    }

    @Test
    void issues_tokens() throws Exception {
        try (KimiSimulator kimi =
                KimiSimulator.builder().oauth2("app", "not a secret").start()) {
            kimi.tokens().expiresIn(Duration.ofMinutes(5));
            kimi.tokens().revokeAll();

            assertThat(new Client(kimi).chat("hi").statusCode()).isEqualTo(401);
            assertThat(kimi.tokens().calls()).isZero();
        }
    }

    @Test
    void replays() throws Exception {
        Files.writeString(folder.resolve("1.sse"), "data: {\"id\":\"x\",\"choices\":[]}\n\ndata: [DONE]\n\n");
        try (KimiSimulator kimi = KimiSimulator.start()) {
            kimi.replay(folder, Duration.ofMillis(1));

            assertThat(new Client(kimi).stream("hi").body()).startsWith("data: {\"id\":\"x\"");
        }
    }
}
