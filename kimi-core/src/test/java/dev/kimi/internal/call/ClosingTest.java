package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.KimiException;
import dev.kimi.error.RejectedException;
import dev.kimi.event.CallEvent;
import dev.kimi.internal.endpoint.CallRequest;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.FailoverRouter;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.transport.Exchange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a client that closes does with the calls that are under way. */
class ClosingTest {

    private final EngineFixture fixture = new EngineFixture();

    @Test
    void ends_every_call_and_rejects_new_ones() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> sending = fixture.chat(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last();

        engine.close();

        assertThat(failureOf(sending)).isInstanceOf(RejectedException.class);
        assertThat(exchange.aborted()).isTrue();
        assertThat(fixture.transport.closed()).isTrue();
        assertThat(failureOf(fixture.chat(engine))).isInstanceOf(RejectedException.class);
        assertThat(fixture.transport.count()).isEqualTo(1);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void sends_nothing_on_a_connection_that_becomes_free_by_the_closing() {
        OneConnection pool = new OneConnection();
        Engine engine = fixture.engineOver((request, handler) -> pool.join());
        List<CompletableFuture<ChatResponse>> calls = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            calls.add(fixture.chat(engine));
        }

        engine.close();

        assertThat(pool.sent).as("requests sent").isEqualTo(1);
        assertThat(calls)
                .allSatisfy(call -> assertThat(failureOf(call))
                        .isInstanceOfSatisfying(
                                RejectedException.class,
                                e -> assertThat(e.reason()).isEqualTo(RejectedException.Reason.CLOSED)));
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_call_that_it_meets_before_the_start_is_never_started() {
        EngineSettings settings = fixture.engine().settings();
        Endpoint place = fixture.endpoint("default", fixture.transport, fixture.account());
        CallRequest request = new CallRequest.Chat(ChatRequest.of("hello"), false);
        WholeResponseFuture<ChatResponse> response = new WholeResponseFuture<>(
                (endpoint, body, context, mark) -> endpoint.decode(body, context), Runnable::run);
        List<CallEvent> events = new ArrayList<>();
        CallParts parts = new CallParts(
                new ClosedOwner(),
                settings,
                new FailoverRouter(List.of(place), fixture.time, fixture.random),
                response,
                events::add,
                fixture.leaks.callMade());
        Call call = new Call(parts, CallPlan.of(request, fixture.timeouts), place, place.encode(request));

        // the closing has found the call before the thread that made it could start it
        call.cancel(Failures::closed);
        call.start();

        assertThat(failureOf(response.future())).isInstanceOf(RejectedException.class);
        assertThat(events).singleElement().isInstanceOf(CallEvent.Finished.class);
        assertThat(fixture.time.pending()).as("timers").isZero();
    }

    private static final class ClosedOwner implements CallOwner {

        @Override
        public boolean closed() {
            return true;
        }

        @Override
        public KimiException closing(KimiException.Details details) {
            return Failures.closed(details);
        }

        @Override
        public void linger(Attempt attempt) {}

        @Override
        public void ended(CallHandle call) {}
    }

    @Test
    void from_an_observer_of_the_end_leaves_no_response_to_be_drained() {
        fixture.protocol = new OpenAiProtocol();
        AtomicReference<Engine> engine = new AtomicReference<>();
        fixture.listeners.add(started -> event -> {
            if (event instanceof CallEvent.Finished) {
                engine.get().close();
            }
        });
        engine.set(fixture.engine());
        fixture.stream(engine.get());
        ScriptedTransport.Sent exchange = fixture.transport.last().headers(200);

        exchange.body("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");

        assertThat(exchange.aborted()).isTrue();
        assertThat(engine.get().state().lingering()).isZero();
        fixture.assertNothingIsLeft(engine.get());
    }

    /** Its one connection goes to whoever has waited longest as soon as it is free. */
    private static final class OneConnection {

        private final Deque<Place> waiting = new ArrayDeque<>();
        private boolean taken;
        private int sent;

        private Exchange join() {
            Place place = new Place();
            waiting.add(place);
            serve();
            return place;
        }

        private void serve() {
            Place first = taken ? null : waiting.poll();
            if (first != null) {
                taken = true;
                first.onConnection = true;
                sent++;
            }
        }

        private final class Place implements Exchange {

            private boolean onConnection;

            @Override
            public void request(long chunks) {}

            @Override
            public Phase phase() {
                return onConnection ? Phase.HEADERS : Phase.POOL_WAIT;
            }

            @Override
            public void abort() {
                if (onConnection) {
                    onConnection = false;
                    taken = false;
                    serve();
                } else {
                    waiting.remove(this);
                }
            }
        }
    }
}
