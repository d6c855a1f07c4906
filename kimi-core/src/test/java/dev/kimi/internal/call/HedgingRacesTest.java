package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.event.CallEvent;
import dev.kimi.internal.endpoint.Account;
import dev.kimi.internal.endpoint.CallRequest;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.FailoverRouter;
import dev.kimi.internal.endpoint.Hedging;
import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.quota.Quota;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two attempts of one call whose threads meet at the worst moment. */
class HedgingRacesTest {

    private static final Duration USUAL = Duration.ofMillis(400);

    private final EngineFixture fixture = new EngineFixture();
    private final ScriptedTransport first = fixture.transport;
    private final ScriptedTransport second = new ScriptedTransport();
    private final ExecutorService otherThread = Executors.newSingleThreadExecutor();
    private volatile @Nullable StandStill beforeEvent;
    private volatile @Nullable StandStill inTurn;
    private @Nullable FailoverRouter router;
    private final List<CallEvent> events = new ArrayList<>();

    /** A place where a thread waits until the test lets it go on. */
    private static final class StandStill {
        private final CountDownLatch there = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);

        void stand() {
            there.countDown();
            await(goOn);
        }

        private static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @BeforeEach
    void observe() {
        fixture.retryPolicy = RetryPolicy.never();
        fixture.protocol = new Standing();
        fixture.listeners.add(started -> event -> {
            events.add(event);
            StandStill here = inTurn;
            if (here != null && event instanceof CallEvent.AttemptStarted) {
                inTurn = null;
                here.stand();
            }
        });
    }

    @AfterEach
    void end() {
        otherThread.shutdownNow();
    }

    /** A decoder that stands still when it has read an event, and has not handed it over. */
    private final class Standing extends LineProtocol {

        @Override
        public ChatStreamDecoder decoder(Headers headers) {
            ChatStreamDecoder lines = super.decoder(headers);
            return new ChatStreamDecoder() {
                @Override
                public void feed(ByteBuffer chunk, Consumer<? super ChatEvent> out) {
                    lines.feed(chunk, event -> {
                        StandStill here = beforeEvent;
                        beforeEvent = null;
                        if (here != null) {
                            here.stand();
                        }
                        out.accept(event);
                    });
                }

                @Override
                public void end(Consumer<? super ChatEvent> out) {
                    lines.end(out);
                }

                @Override
                public boolean complete() {
                    return lines.complete();
                }

                @Override
                public long eventsRead() {
                    return lines.eventsRead();
                }

                @Override
                public boolean begun() {
                    return lines.begun();
                }

                @Override
                public Usage usage() {
                    return lines.usage();
                }

                @Override
                public ChatResponse response() {
                    return lines.response();
                }

                @Override
                public TruncatedStreamException.Partial partial() {
                    return lines.partial();
                }
            };
        }
    }

    private Engine measured() {
        Endpoint one = fixture.endpoint("first", first, account());
        fixture.baseUri = URI.create("https://claude.test");
        Endpoint two = fixture.endpoint("second", second, account());
        router = new FailoverRouter(List.of(one, two), 1, fixture.time, fixture.random, new Hedging(0.5));
        Engine engine = fixture.engineOver(router, first);
        for (int i = 0; i < 20; i++) {
            fixture.stream(engine);
            fixture.time.advance(USUAL);
            first.last().headers(200).body("sky\n.\n").complete();
        }
        first.clear();
        second.clear();
        events.clear();
        return engine;
    }

    private Account account() {
        return new Account("default", Quota.unlimited(), fixture.time, fixture.time, fixture.random);
    }

    private ChatStream hedged(Engine engine) {
        ChatStream stream = fixture.stream(engine);
        fixture.time.advance(USUAL);
        assertThat(second.count()).isEqualTo(1);
        return stream;
    }

    private static List<String> texts(ChatStream stream) {
        List<String> texts = new ArrayList<>();
        stream.forEach(event -> texts.add(((ChatEvent.Text) event).value()));
        return texts;
    }

    private void assertNothingIsLeft(Engine engine) {
        assertThat(engine.liveCalls()).as("calls").isZero();
        assertThat(fixture.time.pending()).as("timers").isZero();
        assertThat(events.stream().filter(CallEvent.Finished.class::isInstance)).hasSize(1);
        assertThat(events.stream().filter(CallEvent.FirstEvent.class::isInstance))
                .hasSize(1);
        assertThat(events.stream().filter(CallEvent.Hedged.class::isInstance)).hasSize(1);
    }

    @Test
    void an_attempt_that_is_about_to_deliver_when_the_other_does_delivers_nothing() throws Exception {
        Engine engine = measured();
        ChatStream stream = hedged(engine);
        first.last().headers(200);
        StandStill here = new StandStill();
        beforeEvent = here;
        CompletableFuture<Void> late =
                CompletableFuture.runAsync(() -> first.last().body("late\n.\n"), otherThread);
        StandStill.await(here.there);

        second.last().headers(200).body("sky\n");
        assertThat(first.last().aborted()).isTrue();
        here.goOn.countDown();
        late.get();
        second.last().body(".\n").complete();

        assertThat(texts(stream)).containsExactly("sky");
        assertThat(stream.response().endpoint()).isEqualTo("second");
        assertNothingIsLeft(engine);
    }

    @Test
    void of_two_attempts_that_deliver_before_the_call_hears_of_either_one_does() throws Exception {
        EngineSettings settings = measured().settings();
        FailoverRouter used = Objects.requireNonNull(router);
        CallRequest request = new CallRequest.Chat(ChatRequest.of("hello"), true);
        Endpoint home = used.first(request);
        EventBuffer buffer = new EventBuffer(Runnable::run, fixture.leaks, fixture.leaks.callMade());
        CallParts parts = new CallParts(new OpenOwner(), settings, used, buffer, events::add, fixture.leaks.callMade());
        Call call = new Call(parts, CallPlan.of(request, fixture.timeouts), home, home.encode(request));
        buffer.of(call);
        call.start();
        fixture.time.advance(USUAL);
        first.last().headers(200);
        second.last().headers(200);
        StandStill here = new StandStill();
        CompletableFuture<Void> turn = CompletableFuture.runAsync(() -> call.turn(here::stand), otherThread);
        StandStill.await(here.there);

        second.last().body("two\n");
        first.last().body("one\n");
        here.goOn.countDown();
        turn.get();
        second.last().body(".\n").complete();

        assertThat(buffer.poll()).isEqualTo(new ChatEvent.Text("two"));
        assertThat(buffer.poll()).isNull();
        assertThat(buffer.response().endpoint()).isEqualTo("second");
        assertThat(first.last().aborted()).isTrue();
    }

    private static final class OpenOwner implements CallOwner {

        @Override
        public boolean closed() {
            return false;
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
    void the_first_attempt_that_delivers_while_the_second_is_being_sent_wins() throws Exception {
        Engine engine = measured();
        ChatStream stream = fixture.stream(engine);
        first.last().headers(200);
        StandStill here = new StandStill();
        inTurn = here;
        CompletableFuture<Void> hedging = CompletableFuture.runAsync(() -> fixture.time.advance(USUAL), otherThread);
        StandStill.await(here.there);

        // its turn comes after that in which the second attempt is sent
        first.last().body("sky\n");
        assertThat(second.count()).isZero();
        here.goOn.countDown();
        hedging.get();
        assertThat(second.last().aborted()).isTrue();
        first.last().body(".\n").complete();

        assertThat(texts(stream)).containsExactly("sky");
        assertThat(stream.response().endpoint()).isEqualTo("first");
        assertNothingIsLeft(engine);
    }

    @Test
    void the_first_attempt_that_fails_after_the_second_has_delivered_changes_nothing() throws Exception {
        fixture.retryPolicy = RetryPolicy.standard(3, Duration.ofSeconds(60));
        Engine engine = measured();
        ChatStream stream = fixture.stream(engine);
        StandStill here = new StandStill();
        fixture.time.advance(USUAL);
        second.last().headers(200);
        beforeEvent = here;
        CompletableFuture<Void> delivering =
                CompletableFuture.runAsync(() -> second.last().body("sky\n"), otherThread);
        StandStill.await(here.there);
        first.last().fail(TransportFailure.Kind.CONNECT, true);
        here.goOn.countDown();
        delivering.get();
        second.last().body(".\n").complete();

        assertThat(texts(stream)).containsExactly("sky");
        assertThat(first.count()).isEqualTo(1);
        assertNothingIsLeft(engine);
    }

    @Test
    void chunks_of_the_slower_attempt_do_not_stop_the_demand_for_those_of_the_other() throws Exception {
        Engine engine = measured();
        ChatStream stream = hedged(engine);
        first.last().headers(200);
        StandStill here = new StandStill();
        beforeEvent = here;
        CompletableFuture<Void> late =
                CompletableFuture.runAsync(() -> first.last().body("late\n"), otherThread);
        StandStill.await(here.there);

        // as many events as are held for a consumer that takes none, so that the rest waits for demand
        second.last().headers(200).body("a\n".repeat(32));
        long demand = second.last().demand();
        here.goOn.countDown();
        late.get();

        assertThat(demand).isZero();
        Iterator<ChatEvent> taken = stream.iterator();
        for (int i = 0; i < 32; i++) {
            assertThat(taken.next()).isEqualTo(new ChatEvent.Text("a"));
        }
        assertThat(second.last().demand()).isEqualTo(1);
        second.last().body(".\n").complete();
        assertThat(taken.hasNext()).isFalse();
        assertNothingIsLeft(engine);
    }
}
