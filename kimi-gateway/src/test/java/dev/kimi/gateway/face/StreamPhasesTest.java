package dev.kimi.gateway.face;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.gateway.GatewayFixture;
import dev.kimi.gateway.RawClient;
import dev.kimi.gateway.call.GatewayCall.Outcome;
import dev.kimi.test.Reply;
import dev.kimi.test.support.Eventually;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What becomes of a stream when its client, its service or the time does something, at each phase. */
class StreamPhasesTest {

    private static final String MESSAGES = "/v1/messages?beta=true";
    private static final String ASK = """
            {"model":"claude-sonnet-5-5","max_tokens":100,"stream":true,\
            "messages":[{"role":"user","content":"Why is the sky blue?"}]}""";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration INTERVAL = Duration.ofSeconds(15);

    private final GatewayFixture gateway = GatewayFixture.gateway();

    @Test
    void a_client_that_goes_before_the_head_ends_the_call_upstream() throws Exception {
        gateway.claude().reply(Reply.text("late").stallBeforeHeaders());

        try (RawClient client = new RawClient(gateway.port())) {
            client.post(MESSAGES, ASK);
            awaitOpenUpstream(1);
        }

        assertThat(gateway.claude().awaitAborted(1).get(20, TimeUnit.SECONDS)).hasSize(1);
        assertThat(gateway.calls().awaitEnded().outcome()).isEqualTo(Outcome.CANCELLED);
        assertThat(gateway.places().settled()).hasSize(1);
    }

    @Test
    void a_client_that_goes_in_the_middle_ends_the_call_upstream() throws Exception {
        gateway.claude().reply(Reply.text("one two three").stallAfterEvents(3));

        try (RawClient client = new RawClient(gateway.port())) {
            client.post(MESSAGES, ASK).readUntil("content_block_start");
        }

        assertThat(gateway.claude().awaitAborted(1).get(20, TimeUnit.SECONDS)).hasSize(1);
        assertThat(gateway.calls().awaitEnded().outcome())
                .as(gateway.calls().events().toString())
                .isEqualTo(Outcome.CANCELLED);
        assertThat(gateway.places().settled()).hasSize(1);
    }

    @Test
    void a_client_that_goes_while_it_sends_its_body_reaches_no_service() {
        try (RawClient client = new RawClient(gateway.port())) {
            client.send("POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                    + "content-length: 1000\r\n\r\n{\"model\":");
        }

        assertThat(gateway.calls().awaitEnded().outcome()).isEqualTo(Outcome.CANCELLED);
        assertThat(gateway.places().taken()).isZero();
        assertThat(gateway.claude().requests()).isEmpty();
    }

    @Test
    void what_a_service_has_sent_is_there_while_it_stalls() {
        gateway.claude().reply(Reply.text("one two three").stallAfterEvents(2));

        try (RawClient client = new RawClient(gateway.port())) {
            String received = client.post(MESSAGES, ASK).readUntil("content_block_start");

            assertThat(received)
                    .startsWith("HTTP/1.1 200")
                    .contains("text/event-stream")
                    .contains("message_start");
        }
    }

    @Test
    void the_head_and_pings_come_while_a_service_says_nothing_for_six_minutes() {
        gateway.claude().reply(Reply.text("late").stallBeforeHeaders());

        try (RawClient client = new RawClient(gateway.port())) {
            client.post(MESSAGES, ASK);
            awaitOpenUpstream(1);
            gateway.time().advance(INTERVAL);
            client.readUntil("event: ping");
            for (int pings = 2; pings <= 6 * 60 / 15; pings++) {
                gateway.time().advance(INTERVAL);
                client.readUntil("event: ping", pings);
            }

            assertThat(client.received()).startsWith("HTTP/1.1 200").contains("request-id: req_");
        }
    }

    @Test
    void pings_fill_a_gap_within_a_stream() {
        gateway.claude().reply(Reply.text("one two three").stallAfterEvents(3));

        try (RawClient client = new RawClient(gateway.port())) {
            client.post(MESSAGES, ASK).readUntil("content_block_start");
            gateway.time().advance(INTERVAL);
            client.readUntil("event: ping", 1);
            gateway.time().advance(INTERVAL);

            assertThat(client.readUntil("event: ping", 2)).doesNotContain("event: error");
        }
    }

    @Test
    void a_cut_stream_ends_with_an_error_event_and_no_clean_end() {
        gateway.claude().reply(Reply.text("one two three").cutAfterEvents(3));

        try (RawClient client = new RawClient(gateway.port())) {
            String received = client.post(MESSAGES, ASK).readUntil("\r\n0\r\n\r\n");

            assertThat(received)
                    .startsWith("HTTP/1.1 200")
                    .contains("event: error\ndata: {\"type\":\"error\"")
                    .doesNotContain("message_stop");
        }
        assertThat(gateway.calls().awaitEnded().outcome()).isEqualTo(Outcome.TRUNCATED);
    }

    @Test
    void a_stream_that_is_cut_within_an_event_ends_with_an_error_event_that_can_be_read() {
        gateway.claude().reply(Reply.text("one two three four five six").cutAfterBytes(700));

        try (RawClient client = new RawClient(gateway.port())) {
            String body = client.post(MESSAGES, ASK).readUntil("\r\n0\r\n\r\n");

            assertThat(body)
                    .contains("\n\n\r\n")
                    .containsPattern("\nevent: error\ndata: \\{\"type\":\"error\"[^\n]+\n\n");
        }
    }

    @Test
    void an_error_event_of_the_service_is_relayed_and_nothing_added() {
        gateway.claude().reply(Reply.text("one two three").errorEventAfter(3, "overloaded_error", "Overloaded"));

        try (RawClient client = new RawClient(gateway.port())) {
            String received = client.post(MESSAGES, ASK).readUntil("\r\n0\r\n\r\n");

            assertThat(received.split("event: error", -1)).hasSize(2);
            assertThat(received).contains("Overloaded").doesNotContain("message_stop");
        }
    }

    @Test
    void an_error_after_the_head_comes_as_an_event() {
        gateway.claude().reply(Reply.overloaded().after(Duration.ofMillis(300)));

        try (RawClient client = new RawClient(gateway.port())) {
            client.post(MESSAGES, ASK);
            awaitOpenUpstream(1);
            gateway.time().advance(INTERVAL);
            String received = client.readUntil("\r\n0\r\n\r\n");

            assertThat(received).startsWith("HTTP/1.1 200").contains("event: ping", "event: error", "overloaded_error");
        }
        assertThat(gateway.calls().awaitEnded().outcome()).isEqualTo(Outcome.FAILED);
    }

    @Test
    void nothing_is_read_of_the_service_for_a_client_that_does_not_read() throws Exception {
        gateway.claude().reply(Reply.events(800, 32 * 1024));
        long before = gateway.claude().bytesSent();

        try (RawClient client = new RawClient(gateway.port(), 8 * 1024)) {
            client.post(MESSAGES, ASK);
            gateway.claude().awaitBlocked(1).get(20, TimeUnit.SECONDS);

            // Of 26 MB: what sockets of the machine hold, and a few chunks.
            assertThat(gateway.claude().bytesSent() - before).isLessThan(12L * 1024 * 1024);
            assertThat(client.readUntil("message_stop")).isNotEmpty();
        }
    }

    private void awaitOpenUpstream(int count) {
        assertThat(Eventually.holds(PATIENCE, () -> gateway.claude().openRequests() == count))
                .isTrue();
    }
}
