package dev.kimi.samples.chatpage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Latency;
import dev.kimi.test.Reply;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(120)
class ChatTest {

    private static final String HELLO = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static Application application;
    private static KimiSimulator kimi;

    @BeforeAll
    static void start() {
        application = new Application();
        kimi = application.kimi();
    }

    @AfterAll
    static void stop() {
        application.close();
    }

    @BeforeEach
    void forget() {
        kimi.reset();
        kimi.latency(Latency.none());
    }

    @Test
    void streams_reasoning_then_text_then_usage_then_done() throws Exception {
        kimi.reply(Reply.reasoning("Ice has \"air\" in it.")
                .thenText("It floats.\nReally: é 🧊")
                .usage(12, 34, 5));

        HttpResponse<String> response = application.ask(HELLO);

        Events events = Events.of(response.body());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type").orElse("")).startsWith("text/event-stream");
        assertThat(events.kinds()).containsExactly("reasoning", "text", "usage", "done");
        assertThat(events.text("reasoning")).isEqualTo("Ice has \"air\" in it.");
        assertThat(events.text("text")).isEqualTo("It floats.\nReally: é 🧊");
        JsonNode usage = events.all().get(events.all().size() - 2).data();
        assertThat(usage.path("promptTokens").asInt()).isEqualTo(12);
        assertThat(usage.path("completionTokens").asInt()).isEqualTo(34);
        assertThat(usage.path("cachedTokens").asInt()).isEqualTo(5);
        assertThat(usage.path("reasoningTokens").isNumber()).isTrue();
        assertThat(events.last().path("finishReason").stringValue()).isEqualTo("stop");
        assertThat(events.last().path("model").stringValue()).isEqualTo("kimi-k3");
        assertThat(events.last().path("firstTokenMillis").isNumber()).isTrue();
    }

    @Test
    void a_conversation_with_reasoning_and_two_questions_in_a_row_is_taken() throws Exception {
        kimi.reply(Reply.text("Fine."));

        HttpResponse<String> response = application.ask("""
                {"messages":[{"role":"system","content":"Be terse."},{"role":"user","content":"A"},
                 {"role":"assistant","content":"B","reasoning":"R"},{"role":"user","content":"C"},
                 {"role":"user","content":"D"}]}""");

        assertThat(Events.of(response.body()).text("text")).isEqualTo("Fine.");
        assertThat(kimi.requests()).hasSize(1);
    }

    @Test
    void stop_reaches_the_service_while_the_model_is_silent() throws Exception {
        kimi.reply(Reply.generated().stallAfterEvents(4));

        HttpResponse<InputStream> response = application.open(HELLO);
        response.body().read();
        kimi.awaitRequests(1);
        response.body().close();

        assertThat(kimi.awaitAborted(1).get(30, TimeUnit.SECONDS)).hasSize(1);
        kimi.awaitIdle(Duration.ofSeconds(30));
    }

    @Test
    void stop_reaches_the_service_before_its_first_event() throws Exception {
        kimi.reply(Reply.generated().stallBeforeHeaders());

        HttpResponse<InputStream> response = application.open(HELLO);
        kimi.awaitRequests(1).get(30, TimeUnit.SECONDS);
        response.body().close();

        assertThat(kimi.awaitAborted(1).get(30, TimeUnit.SECONDS)).hasSize(1);
    }

    @Test
    void a_browser_that_does_not_read_stops_the_model() throws Exception {
        kimi.reply(Reply.flood(200L << 20));

        HttpResponse<InputStream> response = application.open(HELLO);
        kimi.awaitBlocked(1).get(30, TimeUnit.SECONDS);

        assertThat(kimi.bytesSent()).isLessThan(100L << 20);
        response.body().close();
        assertThat(kimi.awaitAborted(1).get(30, TimeUnit.SECONDS)).hasSize(1);
    }

    @Test
    void failures_come_with_a_message() throws Exception {
        kimi.reply(limited());
        Events limited = Events.of(application.ask(HELLO).body());
        kimi.reply(Reply.unauthorized());
        Events unauthorized = Events.of(application.ask(HELLO).body());
        kimi.reply(Reply.text("One two three four five six.").cutAfterEvents(3));
        Events cut = Events.of(application.ask(HELLO).body());

        assertThat(limited.kinds()).containsExactly("failed");
        assertThat(limited.last().path("kind").stringValue()).isEqualTo("rate-limit");
        assertThat(limited.last().path("retryable").booleanValue()).isTrue();
        assertThat(limited.last().path("status").intValue()).isEqualTo(429);
        assertThat(limited.last().path("retryAt").stringValue()).endsWith("Z");
        assertThat(limited.last().path("partial").booleanValue()).isFalse();
        assertThat(unauthorized.last().path("kind").stringValue()).isEqualTo("authentication");
        assertThat(unauthorized.last().path("retryable").booleanValue()).isFalse();
        // What an exception says is for the operator of the application.
        assertThat(unauthorized.last().has("message")).isFalse();
        assertThat(cut.kinds()).containsExactly("text", "failed");
        assertThat(cut.last().path("kind").stringValue()).isEqualTo("truncated");
        assertThat(cut.last().path("partial").booleanValue()).isTrue();
    }

    /** Rejects every attempt, with a short hint, since a long one holds back the whole account. */
    private static Reply[] limited() {
        Reply rejection = Reply.rateLimited(Duration.ofSeconds(1));
        return new Reply[] {rejection, rejection, rejection};
    }

    @Test
    void an_invalid_question_is_rejected_with_a_reason() throws Exception {
        assertRejected(400, application.ask("{\"messages\":"));
        assertRejected(400, application.ask("{}"));
        assertRejected(400, application.ask("{\"messages\":[]}"));
        assertRejected(400, application.ask("{\"messages\":[null]}"));
        assertRejected(400, application.ask("{\"messages\":[{\"role\":\"user\"}]}"));
        assertRejected(400, application.ask("{\"messages\":[{\"role\":\"robot\",\"content\":\"x\"}]}"));
        assertRejected(
                413,
                application.ask("{\"messages\":[" + "{\"role\":\"user\",\"content\":\"x\"},".repeat(200)
                        + "{\"role\":\"user\",\"content\":\"x\"}]}"));
        assertRejected(
                413,
                application.ask("{\"messages\":[{\"role\":\"user\",\"content\":\"" + "x".repeat(1 << 20) + "\"}]}"));
        assertThat(application.post("text/plain", HELLO).statusCode()).isEqualTo(415);
        assertThat(kimi.requests()).isEmpty();
    }

    @Test
    void says_whom_it_talks_to() throws Exception {
        JsonNode info = JSON.readTree(application.get("/api/info").body());

        assertThat(info.path("model").stringValue()).isEqualTo("kimi-k3");
        assertThat(info.path("endpoint").stringValue()).isEqualTo(kimi.baseUrl());
        assertThat(info.path("simulated").booleanValue()).isTrue();
    }

    private static void assertRejected(int status, HttpResponse<String> response) {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(JSON.readTree(response.body()).path("message").stringValue()).isNotBlank();
    }
}
