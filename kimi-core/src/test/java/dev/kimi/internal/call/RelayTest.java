package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.Usage;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.event.CallEvent;
import dev.kimi.internal.endpoint.Account;
import dev.kimi.internal.endpoint.BookingPolicy;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.FailoverRouter;
import dev.kimi.internal.endpoint.ModelNames;
import dev.kimi.internal.protocol.anthropic.MessagesProtocol;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.relay.RelayForm;
import dev.kimi.relay.RelayItem;
import dev.kimi.relay.RelayRequest;
import dev.kimi.relay.RelayResponse;
import dev.kimi.relay.RelayTarget;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.transport.TransportFailure.Kind;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests of other programs, sent on to Claude first and to Kimi then. */
class RelayTest {

    private static final byte[] BODY =
            "{\"model\":\"sonnet\", \"unknown\": [1.0, null]}".getBytes(StandardCharsets.UTF_8);

    private static final String STREAM = """
            : hello

            event: message_start
            data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant",\
            "model":"claude-sonnet-5-5","content":[],"stop_reason":null,"usage":{"input_tokens":12,"output_tokens":1}}}

            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

            event: ping
            data: {"type": "ping"}

            event: never_seen
            id: 7
            data: what \u00e9ver

            event: content_block_delta
            data: {"type":"content_block_delta", "index":0,"delta":{"type":"text_delta","text":"blue \u20ac"}, "x": 1.0}

            event: content_block_stop
            data: {"type":"content_block_stop","index":0}

            : behind

            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}

            event: message_stop
            data: {"type":"message_stop"}

            """;

    private static final String OVERLOADED =
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";

    private static final String CHUNKS = """
            data: {"id":"1","model":"kimi-k3","choices":[{"index":0,"delta":{"role":"assistant","content":"green"}}]}

            data: {"id":"1","model":"kimi-k3","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],\
            "usage":{"prompt_tokens":20,"completion_tokens":2,"total_tokens":22}}

            data: [DONE]

            """;

    private static final String MESSAGE =
            "{\"id\":\"msg_1\", \"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-sonnet-5-5\",\n"
                    + "\"content\":[{\"type\":\"text\",\"text\":\"blue\"}],\"never_seen\":{},"
                    + "\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":12,\"output_tokens\":5}}\n";

    private final EngineFixture fixture = new EngineFixture();
    private final ScriptedTransport claude = fixture.transport;
    private final ScriptedTransport kimi = new ScriptedTransport();
    private final List<String> events = new ArrayList<>();
    private final List<RelayTarget> targets = new ArrayList<>();

    @BeforeEach
    void observe() {
        fixture.retryPolicy = RetryPolicy.never();
        fixture.listeners.add(started -> {
            events.add("started " + started.operation() + " " + started.model());
            return event -> {
                if (event instanceof CallEvent.FirstEvent) {
                    events.add("first event");
                } else if (event instanceof CallEvent.Finished end) {
                    events.add("finished " + end.outcome() + " " + end.status() + " " + end.attempts() + " "
                            + end.promptTokens() + "+" + end.completionTokens());
                }
            };
        });
    }

    private Account account(String name) {
        Quota quota = request -> {
            events.add("reserved " + name + " " + request.inputTokens() + " " + request.outputCap() + " "
                    + request.bookedInputTokens() + "+" + request.bookedOutputTokens());
            return QuotaDecision.granted(settled -> events.add("settled " + name + " " + settled.outcome() + " "
                    + settled.countedInputTokens() + "+" + settled.countedOutputTokens()));
        };
        return new Account("default", quota, fixture.time, fixture.time, fixture.random);
    }

    private Endpoint claudeAt(String base) {
        fixture.baseUri = URI.create(base);
        fixture.protocol = new MessagesProtocol("2023-06-01");
        fixture.booking = BookingPolicy.WRITTEN_COUNTED;
        return fixture.endpoint(
                "claude",
                new ModelNames("claude-sonnet-5-5", Map.of("sonnet", "claude-sonnet-5-5")),
                claude,
                account("claude"));
    }

    private Engine engine() {
        Endpoint first = claudeAt("https://claude.test/anthropic");
        fixture.baseUri = URI.create("https://kimi.test");
        fixture.protocol = new OpenAiProtocol();
        fixture.booking = BookingPolicy.CAP_BOOKED;
        Endpoint second = fixture.endpoint("kimi", new ModelNames("kimi-k3", Map.of()), kimi, account("kimi"));
        return fixture.engineOver(new FailoverRouter(List.of(first, second), fixture.time, fixture.random), claude);
    }

    private Engine claudeAlone() {
        return fixture.engineOver(
                new FailoverRouter(List.of(claudeAt("https://claude.test")), fixture.time, fixture.random), claude);
    }

    private RelayForm form(RelayTarget target) {
        targets.add(target);
        return target.protocol().equals(Provenance.ANTHROPIC)
                ? new RelayForm.Verbatim(
                        "/v1/messages?beta=true", Map.of("anthropic-beta", "one,two", "x-app", "cli"), BODY)
                : new RelayForm.Translated(
                        ChatRequest.of("Why?"), List.of(new ChatResponse.Note("dropped", "cache_control was dropped")));
    }

    private RelayRequest.Builder request() {
        return RelayRequest.builder(this::form).model("sonnet").tokens(40, 100);
    }

    private CompletableFuture<RelayResponse> stream(Engine engine) {
        return engine.relay(request().streamed(true).build(), Runnable::run);
    }

    private CompletableFuture<RelayResponse> whole(Engine engine) {
        return engine.relay(request().build(), Runnable::run);
    }

    private void assertNothingIsLeft(Engine engine) {
        assertThat(engine.liveCalls()).as("calls").isZero();
        assertThat(fixture.time.pending()).as("timers").isZero();
    }

    /** Takes what comes. */
    private static final class Taker implements Flow.Subscriber<RelayItem> {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        final List<Integer> sizes = new ArrayList<>();
        final List<ChatEvent> events = new ArrayList<>();

        @Nullable ChatResponse response;

        @Nullable Throwable failure;

        boolean completed;
        Flow.Subscription subscription = new Flow.Subscription() {
            @Override
            public void request(long n) {}

            @Override
            public void cancel() {}
        };
        private final long demand;

        Taker(long demand) {
            this.demand = demand;
        }

        static Taker of(RelayResponse response) {
            Taker taker = new Taker(Long.MAX_VALUE);
            response.subscribe(taker);
            return taker;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(demand);
        }

        @Override
        public void onNext(RelayItem item) {
            assertThat(response).as("the whole response is last").isNull();
            if (item instanceof RelayItem.Bytes piece) {
                ByteBuffer buffer = piece.bytes();
                assertThat(buffer.isReadOnly()).isTrue();
                byte[] copy = new byte[buffer.remaining()];
                buffer.get(copy);
                sizes.add(copy.length);
                bytes.writeBytes(copy);
            } else if (item instanceof RelayItem.Event event) {
                events.add(event.event());
            } else {
                response = ((RelayItem.Whole) item).response();
            }
        }

        @Override
        public void onError(Throwable thrown) {
            failure = thrown;
        }

        @Override
        public void onComplete() {
            completed = true;
        }

        String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }

    @Test
    void what_another_program_wrote_is_sent_as_it_is_below_the_base_url() {
        Engine engine = engine();
        CompletableFuture<RelayResponse> call = stream(engine);

        var sent = claude.last().request();
        assertThat(sent.method()).isEqualTo("POST");
        assertThat(sent.target()).isEqualTo("/anthropic/v1/messages?beta=true");
        assertThat(sent.body().bytes()).isEqualTo(BODY);
        assertThat(sent.headers().first("accept")).isEqualTo("text/event-stream");
        assertThat(sent.headers().first("content-type")).isEqualTo("application/json");
        assertThat(sent.headers().first("x-app")).isEqualTo("cli");
        assertThat(sent.headers().first("anthropic-version")).isNotNull();
        assertThat(sent.headers().first("anthropic-beta")).endsWith("one,two");
        assertThat(targets).hasSize(1);
        assertThat(targets.get(0).endpoint()).isEqualTo("claude");
        assertThat(targets.get(0).service()).isEqualTo("claude.test/anthropic");
        assertThat(targets.get(0).model()).isEqualTo("claude-sonnet-5-5");
        assertThat(targets.get(0).card().id()).isEqualTo("claude-sonnet-5-5");
        call.cancel(true);
        assertThat(claude.last().aborted()).isTrue();
        assertNothingIsLeft(engine);
    }

    @Test
    void the_bytes_of_a_stream_are_handed_over_as_they_come_wherever_they_are_cut() {
        for (String wire : List.of(STREAM, STREAM.replace("\n", "\r\n"))) {
            byte[] bytes = wire.getBytes(StandardCharsets.UTF_8);
            for (int size : new int[] {1, 7, 64, 1000, bytes.length}) {
                Engine engine = claudeAlone();
                CompletableFuture<RelayResponse> call = stream(engine);
                claude.last().headers(200, "content-type", "text/event-stream", "request-id", "req_1");
                @Nullable Taker taker = null;
                for (int at = 0; at < bytes.length; at += size) {
                    claude.last().body(java.util.Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size)));
                    if (call.isDone() && taker == null) {
                        taker = Taker.of(call.join());
                    }
                }
                claude.last().complete();

                assertThat(taker).isNotNull();
                assertThat(taker.text()).isEqualTo(wire);
                assertThat(taker.completed).isTrue();
                assertThat(taker.response.text()).isEqualTo("blue \u20ac");
                assertThat(taker.response.usage().completionTokens()).isEqualTo(5);
                RelayResponse response = call.join();
                assertThat(response.status()).isEqualTo(200);
                assertThat(response.headers().first("request-id")).isEqualTo("req_1");
                assertThat(response.endpoint()).isEqualTo("claude");
                assertThat(response.protocol()).isEqualTo(Provenance.ANTHROPIC);
                assertThat(response.model()).isEqualTo("claude-sonnet-5-5");
                assertThat(response.verbatim()).isTrue();
                assertThat(response.attempts()).isEqualTo(1);
                assertThat(response.failure()).isNull();
                assertThat(response.errorRelayed()).isFalse();
                assertThat(response.usage()).isEqualTo(taker.response.usage());
                assertNothingIsLeft(engine);
            }
        }
    }

    @Test
    void what_follows_the_end_mark_is_handed_over_if_it_comes_within_a_second() {
        Engine engine = claudeAlone();
        CompletableFuture<RelayResponse> call = stream(engine);
        claude.last().headers(200).body(STREAM);
        Taker taker = Taker.of(call.join());
        assertThat(taker.completed).isFalse();
        fixture.time.advance(Duration.ofMillis(900));
        claude.last().body(": behind\n\n");
        assertThat(taker.text()).isEqualTo(STREAM + ": behind\n\n");
        assertThat(taker.completed).isFalse();

        fixture.time.advance(Duration.ofMillis(100));

        assertThat(taker.completed).isTrue();
        assertThat(events).last().isEqualTo("finished SUCCESS 200 1 12+5");
        claude.last().body("late");
        claude.last().complete();
        assertThat(taker.text()).isEqualTo(STREAM + ": behind\n\n");
        assertNothingIsLeft(engine);
    }

    @Test
    void a_response_whose_end_mark_has_come_is_whole_whatever_comes_then() {
        for (String end : List.of("reset", "closed", "cancelled", "complete")) {
            Engine engine = claudeAlone();
            CompletableFuture<RelayResponse> call = stream(engine);
            claude.last().headers(200).body(STREAM);
            Taker taker = Taker.of(call.join());
            switch (end) {
                case "reset" -> claude.last().fail(Kind.RESET, false);
                case "closed" -> call.join().close();
                case "cancelled" -> taker.subscription.cancel();
                default -> claude.last().complete();
            }

            assertThat(taker.text()).isEqualTo(STREAM);
            assertThat(events).as(end).last().isEqualTo("finished SUCCESS 200 1 12+5");
            assertThat(events).contains("settled claude COMPLETED 12+5");
            assertThat(taker.completed).as(end).isEqualTo(!end.equals("cancelled"));
            fixture.time.advance(Duration.ofSeconds(1));
            assertNothingIsLeft(engine);
        }
    }

    @Test
    void quota_is_reserved_by_what_the_request_says_and_settled_by_what_was_used() {
        Engine engine = claudeAlone();
        CompletableFuture<RelayResponse> call = stream(engine);
        claude.last().headers(200).body(STREAM).complete();
        call.join().close();

        assertThat(events)
                .containsExactly(
                        "started relay-stream claude-sonnet-5-5",
                        "reserved claude 40 100 40+0",
                        "first event",
                        "settled claude COMPLETED 12+5",
                        "finished SUCCESS 200 1 12+5");
    }

    @Test
    void a_response_begins_with_its_first_event_and_says_at_once_what_was_read() {
        Engine engine = claudeAlone();
        CompletableFuture<RelayResponse> call = stream(engine);
        claude.last().headers(200).body(": hello\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\n");
        assertThat(call).as("a ping may come before an error").isNotDone();

        claude.last().body(STREAM.substring(0, STREAM.indexOf("event: content_block_start")));

        RelayResponse response = call.join();
        assertThat(response.usage().promptTokens()).isEqualTo(12);
        Taker taker = Taker.of(response);
        assertThat(taker.text()).startsWith(": hello\n\nevent: ping\n").contains("message_start");
        taker.subscription.cancel();
        assertThat(claude.last().aborted()).isTrue();
        assertNothingIsLeft(engine);
    }

    @Test
    void an_error_that_comes_first_in_a_stream_sends_the_call_to_an_endpoint_of_another_protocol() {
        Engine engine = engine();
        CompletableFuture<RelayResponse> call = stream(engine);
        claude.last().headers(200).body(": hello\n\n").body(OVERLOADED);

        assertThat(new String(kimi.last().request().body().bytes(), StandardCharsets.UTF_8))
                .contains("\"model\":\"kimi-k3\"", "Why?");
        assertThat(kimi.last().request().target()).isEqualTo("/v1/chat/completions");
        assertThat(call).isNotDone();
        kimi.last().headers(200, "x-of", "kimi").body(CHUNKS).complete();

        RelayResponse response = call.join();
        assertThat(response.endpoint()).isEqualTo("kimi");
        assertThat(response.headers().first("x-of")).isEqualTo("kimi");
        assertThat(response.verbatim()).isFalse();
        assertThat(response.attempts()).isEqualTo(2);
        assertThat(response.notes())
                .extracting(ChatResponse.Note::code)
                .containsExactly(ChatResponse.Note.SENT_ELSEWHERE, "dropped");
        Taker taker = Taker.of(response);
        assertThat(taker.text()).isEmpty();
        assertThat(taker.events).contains(new ChatEvent.Text("green"));
        assertThat(taker.response.text()).isEqualTo("green");
        assertThat(taker.response.notes()).isEqualTo(response.notes());
        assertThat(taker.completed).isTrue();
        assertThat(targets).extracting(RelayTarget::endpoint).containsExactly("claude", "kimi");
        assertThat(events).contains("reserved kimi 40 100 40+100", "settled kimi COMPLETED 20+2");
        claude.last().complete();
        assertNothingIsLeft(engine);
    }

    @Test
    void an_error_within_a_stream_is_relayed_before_the_stream_fails() {
        Engine engine = engine();
        CompletableFuture<RelayResponse> call = stream(engine);
        String begun = STREAM.substring(0, STREAM.indexOf("event: content_block_stop"));
        claude.last().headers(200).body(begun);
        Taker taker = Taker.of(call.join());

        claude.last().body(OVERLOADED);

        assertThat(taker.text()).isEqualTo(begun + OVERLOADED);
        assertThat(taker.failure).isInstanceOf(OverloadedException.class);
        assertThat(call.join().errorRelayed()).isTrue();
        assertThat(kimi.count()).isZero();
        claude.last().complete();
        assertNothingIsLeft(engine);
    }

    @Test
    void a_stream_that_breaks_off_fails_without_an_error_of_the_service() {
        for (boolean cut : new boolean[] {true, false}) {
            Engine engine = engine();
            CompletableFuture<RelayResponse> call = stream(engine);
            String begun = STREAM.substring(0, STREAM.indexOf("event: message_stop"));
            claude.last().headers(200).body(begun);
            Taker taker = Taker.of(call.join());
            if (cut) {
                claude.last().fail(Kind.RESET, false);
            } else {
                claude.last().complete();
            }

            assertThat(taker.text()).isEqualTo(begun);
            assertThat(taker.failure).isInstanceOf(TruncatedStreamException.class);
            assertThat(taker.response).isNull();
            assertThat(call.join().errorRelayed()).isFalse();
            assertNothingIsLeft(engine);
        }
    }

    @Test
    void a_whole_response_is_handed_over_byte_for_byte() {
        Engine engine = engine();
        CompletableFuture<RelayResponse> call = whole(engine);
        assertThat(claude.last().request().headers().first("accept")).isEqualTo("application/json");
        claude.last().answer(200, MESSAGE, "content-type", "application/json");

        Taker taker = Taker.of(call.join());
        assertThat(taker.text()).isEqualTo(MESSAGE);
        assertThat(taker.response.usage().promptTokens()).isEqualTo(12);
        assertThat(taker.response.endpoint()).isEqualTo("claude");
        assertThat(taker.completed).isTrue();
        assertThat(call.join().usage()).isNotEqualTo(Usage.NONE);
        assertThat(events).contains("started relay claude-sonnet-5-5", "finished SUCCESS 200 1 12+5");
        assertNothingIsLeft(engine);
    }

    @Test
    void a_page_in_place_of_a_response_is_a_failure() {
        for (String page : List.of("<html>proxy</html>", "")) {
            Engine engine = claudeAlone();
            CompletableFuture<RelayResponse> call = whole(engine);
            claude.last().answer(200, page);
            assertThat(failureOf(call).status()).isEqualTo(200);
            assertNothingIsLeft(engine);
        }
    }

    @Test
    void an_error_response_that_ends_the_call_is_handed_over_as_it_came() {
        for (boolean streamed : new boolean[] {true, false}) {
            Engine engine = claudeAlone();
            CompletableFuture<RelayResponse> call = streamed ? stream(engine) : whole(engine);
            String body = "{\"type\":\"error\", \"error\":{\"type\":\"invalid_request_error\",\"message\":\"odd\"}}\n";
            claude.last().answer(400, body, "request-id", "req_2", "x-should-retry", "false");

            RelayResponse response = call.join();
            assertThat(response.status()).isEqualTo(400);
            assertThat(response.headers().first("x-should-retry")).isEqualTo("false");
            assertThat(response.failure()).isNotNull();
            assertThat(response.failure().requestId()).isEqualTo("req_2");
            assertThat(response.verbatim()).isTrue();
            Taker taker = Taker.of(response);
            assertThat(taker.text()).isEqualTo(body);
            assertThat(taker.response).isNull();
            assertThat(taker.completed).isTrue();
            assertNothingIsLeft(engine);
        }
    }

    @Test
    void the_error_of_the_endpoint_that_failed_last_is_the_one_handed_over() {
        Engine engine = engine();
        CompletableFuture<RelayResponse> call = stream(engine);
        claude.last().answer(529, "claude is busy");
        kimi.last().answer(503, "kimi is down");

        RelayResponse response = call.join();
        assertThat(response.endpoint()).isEqualTo("kimi");
        assertThat(response.status()).isEqualTo(503);
        assertThat(response.verbatim()).isFalse();
        assertThat(Taker.of(response).text()).isEqualTo("kimi is down");
        assertNothingIsLeft(engine);
    }

    @Test
    void an_error_behind_the_failure_is_handed_over_when_the_deadline_passes_before_a_retry() {
        fixture.retryPolicy = RetryPolicy.standard(3, Duration.ofSeconds(60));
        Engine engine = claudeAlone();
        CompletableFuture<RelayResponse> call =
                engine.relay(request().deadline(Duration.ofSeconds(20)).build(), Runnable::run);
        claude.last().answer(429, "slow down", "retry-after", "15");
        fixture.time.advance(Duration.ofSeconds(16));
        fixture.time.advance(Duration.ofSeconds(16));

        RelayResponse response = call.join();
        assertThat(response.status()).isEqualTo(429);
        assertThat(response.failure()).isInstanceOf(RateLimitException.class);
        assertThat(Taker.of(response).text()).isEqualTo("slow down");
        assertNothingIsLeft(engine);
    }

    @Test
    void nothing_more_is_read_from_the_socket_while_enough_waits() {
        Engine engine = claudeAlone();
        CompletableFuture<RelayResponse> call = stream(engine);
        String begun = STREAM.substring(0, STREAM.indexOf("event: message_delta"));
        claude.last().headers(200).body(begun);
        Taker taker = new Taker(2);
        call.join().subscribe(taker);
        String comment = ": " + "x".repeat(BodyBuffer.LOW_MARK) + "\n\n";

        claude.last().body(comment);
        assertThat(claude.last().demand()).isZero();
        assertThat(taker.text()).isEqualTo(begun);
        taker.subscription.request(1);
        assertThat(taker.text()).isEqualTo(begun + comment);
        assertThat(claude.last().demand()).as("half of it has gone").isEqualTo(1);
        claude.last().body(STREAM.substring(begun.length())).complete();
        taker.subscription.request(Long.MAX_VALUE);
        assertThat(taker.text()).isEqualTo(begun + comment + STREAM.substring(begun.length()));
        assertThat(taker.completed).isTrue();
        assertNothingIsLeft(engine);
    }

    @Test
    void a_call_that_is_cancelled_sends_nothing_more() {
        Engine engine = engine();
        CompletableFuture<RelayResponse> waits = stream(engine);
        waits.cancel(true);
        assertThat(claude.last().aborted()).isTrue();

        CompletableFuture<RelayResponse> begun = stream(engine);
        claude.last().headers(200).body(STREAM.substring(0, STREAM.indexOf("event: content_block_stop")));
        Taker taker = Taker.of(begun.join());
        begun.join().close();
        assertThat(claude.last().aborted()).isTrue();
        assertThat(taker.failure).isInstanceOf(CallCancelledException.class);
        assertThat(kimi.count()).isZero();
        assertNothingIsLeft(engine);
    }

    @Test
    void what_the_function_of_forms_throws_is_the_failure() {
        Engine engine = claudeAlone();
        KimiException own = new OverloadedException("own", KimiException.Details.NONE, null);
        RelayRequest failing = RelayRequest.builder(target -> {
                    throw own;
                })
                .build();
        assertThat(failureOf(engine.relay(failing, Runnable::run))).isSameAs(own);
        RelayRequest broken = RelayRequest.builder(target -> {
                    throw new IllegalStateException("bug");
                })
                .build();
        assertThat(failureOf(engine.relay(broken, Runnable::run))).hasRootCauseMessage("bug");
        assertThat(claude.count()).isZero();
        assertNothingIsLeft(engine);
    }

    @Test
    void headers_of_responses_are_those_of_the_attempt() {
        fixture.retryPolicy = RetryPolicy.standard(3, Duration.ofSeconds(60));
        Engine engine = claudeAlone();
        CompletableFuture<RelayResponse> call = whole(engine);
        claude.last().answer(529, "busy", "x-try", "1");
        fixture.time.advance(Duration.ofSeconds(60));
        claude.last().answer(200, MESSAGE, "x-try", "2");

        assertThat(call.join().headers().first("x-try")).isEqualTo("2");
        assertThat(call.join().attempts()).isEqualTo(2);
        call.join().close();
        assertNothingIsLeft(engine);
    }
}
