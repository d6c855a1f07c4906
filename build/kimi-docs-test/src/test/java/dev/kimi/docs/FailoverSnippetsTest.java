package dev.kimi.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The code of docs/failover.md, run over sockets. */
@Timeout(60)
class FailoverSnippetsTest {

    private final List<String> shown = new ArrayList<>();

    @Test
    void a_call_goes_on_at_claude() {
        try (KimiSimulator kimiService = KimiSimulator.start();
                KimiSimulator claudeService = KimiSimulator.start()) {
            kimiService.otherwise(Reply.quotaExceeded());
            claudeService.otherwise(Reply.text("blue"));
            KimiClientBuilder kimi =
                    KimiClient.builder().baseUrl(kimiService.baseUrl()).apiKey(String.valueOf(kimiService.apiKey()));
            String claudeUrl = claudeService.baseUrl();
            String claudeKey = String.valueOf(claudeService.apiKey());

            try (KimiClient client = build(kimi, claudeUrl, claudeKey)) {
                see(client, ChatRequest.of("Why is the sky blue?"));

                assertThat(shown)
                        .hasSize(4)
                        .startsWith("from claude")
                        .anyMatch(line -> line.startsWith("sent-elsewhere: "))
                        .anyMatch(line -> line.contains("endpoint=default") && line.contains("state=OPEN"));
                assertThat(claudeService.requests()).hasSize(1);
            }
        }
    }

    private static KimiClient build(KimiClientBuilder kimi, String claudeUrl, String claudeKey) {
        // snippet:failover
        KimiClientBuilder claude = KimiClient.builder()
                .name("claude")
                .protocol("anthropic")
                .baseUrl(claudeUrl)
                .model("claude-sonnet-5-5")
                .apiKey(claudeKey);
        KimiClient client = kimi.failover(claude).build();
        // end
        return client;
    }

    @Test
    void a_slow_stream_is_sent_to_claude_too() {
        try (KimiSimulator kimiService = KimiSimulator.start();
                KimiSimulator claudeService = KimiSimulator.start()) {
            kimiService.otherwise(Reply.text("blue"));
            claudeService.otherwise(Reply.text("from Claude"));
            KimiClientBuilder kimi =
                    KimiClient.builder().baseUrl(kimiService.baseUrl()).apiKey(String.valueOf(kimiService.apiKey()));
            KimiClientBuilder claude = KimiClient.builder()
                    .name("claude")
                    .protocol("anthropic")
                    .baseUrl(claudeService.baseUrl())
                    .model("claude-sonnet-5-5")
                    .apiKey(String.valueOf(claudeService.apiKey()));

            try (KimiClient client = hedging(kimi, claude)) {
                for (int i = 0; i < 20; i++) {
                    assertThat(read(client).endpoint()).isEqualTo("default");
                }
                kimiService.otherwise(Reply.text("blue").stallBeforeHeaders());

                ChatResponse response = read(client);

                assertThat(response.endpoint()).isEqualTo("claude");
                assertThat(response.text()).isEqualTo("from Claude");
                assertThat(response.notes()).extracting(ChatResponse.Note::code).contains(ChatResponse.Note.HEDGED);
                assertThat(claudeService.requests()).hasSize(1);
            }
        }
    }

    private static KimiClient hedging(KimiClientBuilder kimi, KimiClientBuilder claude) {
        // snippet:hedging
        KimiClient client = kimi.failover(claude).hedging(0.05).build();
        // end
        return client;
    }

    private static ChatResponse read(KimiClient client) {
        try (ChatStream stream = client.stream(ChatRequest.of("Why is the sky blue?"))) {
            stream.forEach(event -> {});
            return stream.response();
        }
    }

    private void see(KimiClient client, ChatRequest request) {
        // snippet:failover-seen
        ChatResponse response = client.chat(request);
        show("from " + response.endpoint());
        response.notes().forEach(note -> show(note.code() + ": " + note.message()));
        client.diagnostics().circuits().forEach(circuit -> show(circuit.toString()));
        // end
    }

    private void show(String line) {
        shown.add(line);
    }
}
