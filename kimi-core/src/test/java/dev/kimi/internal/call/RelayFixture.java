package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Provenance;
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
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

/** An engine that relays what a program wrote for Claude: to Claude first, and to Kimi then. */
abstract class RelayFixture {

    static final byte[] BODY = "{\"model\":\"sonnet\", \"unknown\": [1.0, null]}".getBytes(StandardCharsets.UTF_8);

    static final String STREAM = """
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

    static final String OVERLOADED =
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";

    static final String CHUNKS = """
            data: {"id":"1","model":"kimi-k3","choices":[{"index":0,"delta":{"role":"assistant","content":"green"}}]}

            data: {"id":"1","model":"kimi-k3","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],\
            "usage":{"prompt_tokens":20,"completion_tokens":2,"total_tokens":22}}

            data: [DONE]

            """;

    static final String MESSAGE =
            "{\"id\":\"msg_1\", \"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-sonnet-5-5\",\n"
                    + "\"content\":[{\"type\":\"text\",\"text\":\"blue\"}],\"never_seen\":{},"
                    + "\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":12,\"output_tokens\":5}}\n";

    final EngineFixture fixture = new EngineFixture();
    final ScriptedTransport claude = fixture.transport;
    final ScriptedTransport kimi = new ScriptedTransport();
    final List<String> events = new ArrayList<>();
    final List<RelayTarget> targets = new ArrayList<>();

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

    Account account(String name) {
        Quota quota = request -> {
            events.add("reserved " + name + " " + request.inputTokens() + " " + request.outputCap() + " "
                    + request.bookedInputTokens() + "+" + request.bookedOutputTokens());
            return QuotaDecision.granted(settled -> events.add("settled " + name + " " + settled.outcome() + " "
                    + settled.countedInputTokens() + "+" + settled.countedOutputTokens()));
        };
        return new Account("default", quota, fixture.time, fixture.time, fixture.random);
    }

    Endpoint claudeAt(String base) {
        fixture.baseUri = URI.create(base);
        fixture.protocol = new MessagesProtocol("2023-06-01");
        fixture.booking = BookingPolicy.WRITTEN_COUNTED;
        return fixture.endpoint(
                "claude",
                new ModelNames("claude-sonnet-5-5", Map.of("sonnet", "claude-sonnet-5-5")),
                claude,
                account("claude"));
    }

    Engine engine() {
        Endpoint first = claudeAt("https://claude.test/anthropic");
        fixture.baseUri = URI.create("https://kimi.test");
        fixture.protocol = new OpenAiProtocol();
        fixture.booking = BookingPolicy.CAP_BOOKED;
        Endpoint second = fixture.endpoint("kimi", new ModelNames("kimi-k3", Map.of()), kimi, account("kimi"));
        return fixture.engineOver(new FailoverRouter(List.of(first, second), fixture.time, fixture.random), claude);
    }

    Engine claudeAlone() {
        return fixture.engineOver(
                new FailoverRouter(List.of(claudeAt("https://claude.test")), fixture.time, fixture.random), claude);
    }

    RelayForm form(RelayTarget target) {
        targets.add(target);
        return target.protocol().equals(Provenance.ANTHROPIC)
                ? new RelayForm.Verbatim(
                        "/v1/messages?beta=true", Map.of("anthropic-beta", "one,two", "x-app", "cli"), BODY)
                : new RelayForm.Translated(
                        ChatRequest.of("Why?"), List.of(new ChatResponse.Note("dropped", "cache_control was dropped")));
    }

    RelayRequest.Builder request() {
        return RelayRequest.builder(this::form).model("sonnet").tokens(40, 100);
    }

    CompletableFuture<RelayResponse> stream(Engine engine) {
        return engine.relay(request().streamed(true).build(), Runnable::run);
    }

    CompletableFuture<RelayResponse> whole(Engine engine) {
        return engine.relay(request().build(), Runnable::run);
    }

    void assertNothingIsLeft(Engine engine) {
        assertThat(engine.liveCalls()).as("calls").isZero();
        assertThat(fixture.time.pending()).as("timers").isZero();
    }

    /** Takes what comes. */
    static final class Taker implements Flow.Subscriber<RelayItem> {
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
}
