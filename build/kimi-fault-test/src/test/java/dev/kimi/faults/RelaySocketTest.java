package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Provenance;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.relay.RelayForm;
import dev.kimi.relay.RelayItem;
import dev.kimi.relay.RelayRequest;
import dev.kimi.relay.RelayResponse;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.test.support.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that another program wrote, relayed to real servers. */
@Timeout(60)
class RelaySocketTest {

    private static final String BEGUN = ": hello\r\n\r\nevent: message_start\r\n"
            + "data: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\","
            + "\"role\":\"assistant\",\"model\":\"claude-sonnet-5-5\",\"content\":[],\"stop_reason\":null,"
            + "\"usage\":{\"input_tokens\":12,\"output_tokens\":1}}}\r\n\r\n"
            + "event: content_block_start\r\n"
            + "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}"
            + "\r\n\r\nevent: never_seen\r\ndata: what \u00e9ver\r\n\r\n"
            + "event: content_block_delta\r\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
            + "\"delta\":{\"type\":\"text_delta\",\"text\":\"blue \u20ac\"}, \"x\": 1.0}\r\n\r\n";

    private static final String ENDED = "event: content_block_stop\r\n"
            + "data: {\"type\":\"content_block_stop\",\"index\":0}\r\n\r\n: comment\r\n\r\n"
            + "event: message_delta\r\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
            + "\"usage\":{\"output_tokens\":5}}\r\n\r\n"
            + "event: message_stop\r\ndata: {\"type\":\"message_stop\"}\r\n\r\n: behind\r\n\r\n";

    private static final String OVERLOADED = "event: error\n"
            + "data: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";

    private static final String CHUNKS = "data: {\"id\":\"1\",\"model\":\"kimi-k3\",\"choices\":[{\"index\":0,"
            + "\"delta\":{\"role\":\"assistant\",\"content\":\"green\"},\"finish_reason\":\"stop\"}]}\n\n"
            + "data: [DONE]\n\n";

    private final AtomicInteger reserved = new AtomicInteger();
    private final AtomicInteger settled = new AtomicInteger();

    private static byte[] response(String body, int more) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nrequest-id: req_1\r\ncontent-length: "
                + (bytes.length + more) + "\r\n\r\n";
        return (head + body).getBytes(StandardCharsets.UTF_8);
    }

    private KimiClientBuilder claude(TransportUnderTest transport, ByteServer server) {
        return transport
                .client()
                .protocol("anthropic")
                .model("claude-sonnet-5-5")
                .baseUrl(server.baseUrl() + "/anthropic")
                .apiKey("sk-test")
                .quota(request -> {
                    reserved.incrementAndGet();
                    return QuotaDecision.granted(tokens -> settled.incrementAndGet());
                });
    }

    private static CompletableFuture<RelayResponse> relay(KimiClient client) {
        return client.relay(RelayRequest.builder(target -> target.protocol().equals(Provenance.ANTHROPIC)
                        ? new RelayForm.Verbatim("/v1/messages?beta=true", Map.of(), new byte[] {'{', '}'})
                        : new RelayForm.Translated(ChatRequest.of("Why?"), List.of()))
                .streamed(true)
                .tokens(10, 100)
                .build());
    }

    private void checkNothingIsLeft(KimiClient client) {
        assertThat(Eventually.holds(Duration.ofSeconds(30), () -> client.pool().exchanges() == 0))
                .as("no exchange is left")
                .isTrue();
        assertThat(Eventually.holds(
                        Duration.ofSeconds(30), () -> client.openCalls().isEmpty()))
                .as("no call is left")
                .isTrue();
        assertThat(settled).as("reservations settled").hasValue(reserved.get());
    }

    /** Takes all that it is allowed to, and is done at the end. */
    private static final class Taker implements Flow.Subscriber<RelayItem> {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final List<ChatEvent> events = new ArrayList<>();
        private @Nullable ChatResponse whole;
        private final CompletableFuture<Taker> done = new CompletableFuture<>();
        private final CompletableFuture<Flow.Subscription> begun = new CompletableFuture<>();
        private Flow.@Nullable Subscription subscription;

        static Taker of(RelayResponse response) {
            Taker taker = new Taker();
            response.subscribe(taker);
            return taker;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(RelayItem item) {
            if (item instanceof RelayItem.Bytes piece) {
                byte[] copy = new byte[piece.bytes().remaining()];
                piece.bytes().get(copy);
                bytes.writeBytes(copy);
            } else if (item instanceof RelayItem.Event event) {
                events.add(event.event());
            } else {
                whole = ((RelayItem.Whole) item).response();
            }
            if (subscription != null) {
                begun.complete(subscription);
            }
        }

        @Override
        public void onError(Throwable failure) {
            done.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            done.complete(this);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100, 100_000})
    void the_bytes_are_those_of_the_service_however_they_are_cut(int piece) throws IOException {
        try (ByteServer server = ByteServer.sending(response(BEGUN + ENDED, 0), piece);
                KimiClient client = claude(TransportUnderTest.HTTP1, server).build()) {
            for (int i = 0; i < 3; i++) {
                RelayResponse response = relay(client).join();
                assertThat(response.verbatim()).isTrue();
                assertThat(response.headers().first("request-id")).isEqualTo("req_1");
                Taker taker = Taker.of(response).done.join();

                assertThat(taker.bytes.toString(StandardCharsets.UTF_8)).isEqualTo(BEGUN + ENDED);
                assertThat(taker.whole).isNotNull();
                assertThat(taker.whole.text()).isEqualTo("blue \u20ac");
            }
            assertThat(server.connections()).as("the connection serves again").isEqualTo(1);
            checkNothingIsLeft(client);
        }
    }

    @Test
    void an_error_that_comes_first_is_not_seen_where_another_service_responds() throws IOException {
        try (ByteServer claude = ByteServer.sending(response(OVERLOADED, 0), 1_000);
                ByteServer kimi = ByteServer.sending(response(CHUNKS, 0), 1_000);
                KimiClient client = claude(TransportUnderTest.HTTP1, claude)
                        .retryPolicy(RetryPolicy.never())
                        .failover(TransportUnderTest.HTTP1
                                .client()
                                .name("kimi")
                                .baseUrl(kimi.baseUrl())
                                .apiKey("sk-other"))
                        .build()) {
            RelayResponse response = relay(client).join();

            assertThat(response.endpoint()).isEqualTo("kimi");
            assertThat(response.verbatim()).isFalse();
            Taker taker = Taker.of(response).done.join();
            assertThat(taker.events).contains(new ChatEvent.Text("green"));
            assertThat(taker.bytes.size()).isZero();
            checkNothingIsLeft(client);
        }
    }

    private enum Moment {
        BEFORE_THE_HEAD(""),
        BEFORE_THE_BEGINNING(": hello\r\n\r\n"),
        UNREAD(BEGUN),
        READ(BEGUN);

        private final String sent;

        Moment(String sent) {
            this.sent = sent;
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoever_cancels_lets_go_of_the_socket(Moment moment) throws IOException {
        ByteServer server = moment == Moment.BEFORE_THE_HEAD
                ? ByteServer.holding(-1)
                : ByteServer.sending(response(moment.sent, 1_000), 1_000);
        try (server;
                KimiClient client = claude(TransportUnderTest.HTTP1, server).build()) {
            CompletableFuture<RelayResponse> call = relay(client);
            assertThat(Eventually.holds(Duration.ofSeconds(30), () -> server.requests() == 1))
                    .isTrue();
            switch (moment) {
                case UNREAD -> call.join().close();
                case READ -> Taker.of(call.join()).begun.join().cancel();
                default -> call.cancel(true);
            }

            checkNothingIsLeft(client);
            assertThat(client.pool().active()).as("connections").isZero();
        }
    }
}
