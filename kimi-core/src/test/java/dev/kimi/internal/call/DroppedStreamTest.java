package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.event.CallEvent;
import dev.kimi.internal.leak.CallMade;
import dev.kimi.internal.leak.LeakLog;
import dev.kimi.internal.leak.Leaks;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.transport.TransportFailure.Kind;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A stream that nobody can read any more gives back what it holds, and says so; one in use does neither. */
@Timeout(60)
class DroppedStreamTest {

    private final EngineFixture fixture = new EngineFixture();
    private final LeakLog log = new LeakLog();

    @AfterEach
    void closeLog() {
        log.close();
    }

    private long leaked() {
        return fixture.leaks.leakedStreams();
    }

    /** Here, and not in the test: what a method has in its hands lives as long as the method may use it. */
    private WeakReference<ChatStream> drop(Engine engine, Consumer<ChatStream> before) {
        ChatStream stream = engine.stream(ChatRequest.of("hello"));
        before.accept(stream);
        return new WeakReference<>(stream);
    }

    /** Until the cleaner has seen everything that is garbage now: this one becomes garbage after all that. */
    private void collectEverything(Engine engine) throws InterruptedException {
        long before = leaked();
        int records = log.records().size();
        drop(engine, stream -> {});
        LeakLog.collectUntil(() -> leaked() > before && log.records().size() > records);
    }

    @Test
    void its_exchange_is_aborted_and_everything_is_given_back() throws InterruptedException {
        AtomicInteger settled = new AtomicInteger();
        List<CallEvent.Finished> finished = new CopyOnWriteArrayList<>();
        fixture.quota = request -> QuotaDecision.granted(settlement -> settled.incrementAndGet());
        fixture.listeners.add(started -> event -> {
            if (event instanceof CallEvent.Finished end) {
                finished.add(end);
            }
        });
        Engine engine = fixture.engine();
        drop(engine, stream -> fixture.transport.last().headers(200).body("a\n"));

        LeakLog.collectUntil(() -> leaked() == 1 && log.records().size() == 1);

        assertThat(fixture.transport.last().aborted()).isTrue();
        assertThat(settled).hasValue(1);
        assertThat(finished).singleElement().satisfies(event -> {
            assertThat(event.outcome()).isEqualTo(CallEvent.Outcome.CANCELLED);
            assertThat(event.failure()).isNotNull();
            assertThat(event.failure().attempts()).isEqualTo(1);
            assertThat(event.failure().status()).isEqualTo(200);
        });
        fixture.assertNothingIsLeft(engine);
        LogRecord warning = log.records().get(0);
        assertThat(warning.getLevel()).isEqualTo(Level.WARNING);
        assertThat(warning.getMessage())
                .contains("'default'", "try (ChatStream stream", "kimi.leak-detection", "It was made at ");
        assertThat(warning.getThrown()).isNull();
    }

    @Test
    void its_warning_has_the_stack_of_its_making_when_that_is_wanted() throws InterruptedException {
        fixture.leaks = new Leaks("second", true, true);
        drop(fixture.engine(), stream -> {});

        LeakLog.collectUntil(() -> log.records().size() == 1);

        assertThat(log.records().get(0).getThrown().getStackTrace())
                .anySatisfy(frame -> assertThat(frame.getClassName() + "." + frame.getMethodName())
                        .isEqualTo(DroppedStreamTest.class.getName() + ".drop"));
        assertThat(log.records().get(0).getMessage()).contains("'second'", "It was made at ");
    }

    @Test
    void beyond_the_first_streams_some_have_their_place_and_the_others_that_of_their_client() {
        Leaks leaks = new Leaks("busy", true, false);
        leaks.clientMade();
        int places = 0;
        for (int i = 0; i < 256 + 640; i++) {
            places += leaks.streamMade().place() == null ? 0 : 1;
        }
        assertThat(places).isEqualTo(256 + 10);

        leaks.streamMade();
        CallMade unknown = leaks.streamMade();
        assertThat(unknown.place()).isNull();
        leaks.streamDropped(unknown, Leaks.Kind.CHAT);
        assertThat(log.records().get(0).getMessage()).contains("'busy'", "Its client was made at ");
    }

    @Test
    void it_stays_among_the_open_calls_with_the_line_that_made_it() throws InterruptedException {
        Engine engine = fixture.engine();
        drop(engine, stream -> {});
        assertThat(engine.openCalls())
                .singleElement()
                .satisfies(open -> assertThat(open.what()).startsWith("stream: "));

        LeakLog.collectUntil(() -> leaked() == 1 && engine.liveCalls() == 0);

        assertThat(engine.openCalls()).singleElement().satisfies(open -> {
            assertThat(open.what()).isEqualTo("stream: dropped unread");
            assertThat(open.madeAt()).isNotNull();
        });
    }

    @Test
    void one_whose_response_had_arrived_is_reported_all_the_same() throws InterruptedException {
        Engine engine = fixture.engine();
        drop(
                engine,
                stream -> fixture.transport.last().headers(200).body("a\n.\n").complete());

        LeakLog.collectUntil(() -> leaked() == 1 && log.records().size() == 1);

        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void one_that_is_iterated_half_way_is_dropped_with_its_iterator() throws InterruptedException {
        Engine engine = fixture.engine();
        drop(engine, stream -> {
            fixture.transport.last().headers(200).body("a\nb\n");
            stream.iterator().next();
        });

        LeakLog.collectUntil(() -> leaked() == 1);

        assertThat(fixture.transport.last().aborted()).isTrue();
        LeakLog.collectUntil(() -> engine.liveCalls() == 0);
    }

    @Test
    void one_that_waits_for_quota_leaves_the_queue() throws InterruptedException {
        fixture.quota = request -> QuotaDecision.later(java.time.Duration.ofHours(1));
        Engine engine = fixture.engine();
        drop(engine, stream -> {});

        LeakLog.collectUntil(() -> leaked() == 1);

        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void an_iterator_in_use_keeps_it() throws InterruptedException {
        Engine engine = fixture.engine();
        Iterator<ChatEvent> events = fixture.stream(engine).iterator();
        ScriptedTransport.Sent exchange = fixture.transport.last();
        exchange.headers(200).body("a\n");
        assertThat(events.next()).isEqualTo(new ChatEvent.Text("a"));

        collectEverything(engine);

        assertThat(leaked()).as("the other one only").isEqualTo(1);
        exchange.body("b\n.\n").complete();
        assertThat(events.next()).isEqualTo(new ChatEvent.Text("b"));
        assertThat(events.hasNext()).isFalse();
    }

    @Test
    void a_thread_that_waits_for_the_next_event_keeps_it() throws InterruptedException {
        Engine engine = fixture.engine();
        List<ChatEvent> seen = new CopyOnWriteArrayList<>();
        Thread consumer =
                new Thread(() -> seen.add(fixture.stream(engine).iterator().next()));
        consumer.start();
        LeakLog.collectUntil(() -> consumer.getState() == Thread.State.WAITING);
        ScriptedTransport.Sent exchange = fixture.transport.last();

        collectEverything(engine);

        assertThat(exchange.aborted()).isFalse();
        exchange.headers(200).body("a\n");
        consumer.join();
        assertThat(seen).containsExactly(new ChatEvent.Text("a"));
    }

    @Test
    void a_subscription_needs_no_handle() throws InterruptedException {
        Engine engine = fixture.engine();
        Recorder recorder = new Recorder();
        WeakReference<ChatStream> handle = drop(engine, stream -> stream.subscribe(recorder));
        ScriptedTransport.Sent exchange = fixture.transport.last();
        LeakLog.collectUntil(() -> handle.get() == null);

        collectEverything(engine);

        assertThat(leaked()).as("the other one only").isEqualTo(1);
        exchange.headers(200).body("a\n.\n").complete();
        assertThat(recorder.heard).containsExactly("a", "complete");
    }

    @Test
    void a_subscriber_that_throws_instead_of_taking_the_subscription_has_not_got_the_stream()
            throws InterruptedException {
        Engine engine = fixture.engine();
        drop(
                engine,
                stream -> assertThatThrownBy(() -> stream.subscribe(new Refusing()))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("no"));

        LeakLog.collectUntil(() -> leaked() == 1);

        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void one_that_is_used_up_closed_cancelled_or_failed_is_no_leak() throws InterruptedException {
        Engine engine = fixture.engine();
        List<WeakReference<ChatStream>> handles = new ArrayList<>();
        handles.add(drop(engine, stream -> {
            fixture.transport.last().headers(200).body("a\n.\n").complete();
            stream.forEach(event -> {});
        }));
        handles.add(drop(engine, ChatStream::close));
        handles.add(drop(engine, stream -> {
            fixture.transport.last().headers(200).body("a\n.\n").complete();
            stream.close();
        }));
        handles.add(drop(engine, stream -> fixture.transport.last().fail(Kind.TLS, false)));
        LeakLog.collectUntil(() -> handles.stream().allMatch(handle -> handle.get() == null));

        collectEverything(engine);

        assertThat(leaked()).as("the other one only").isEqualTo(1);
    }

    @Test
    void what_was_open_when_the_client_was_closed_is_no_leak() throws InterruptedException {
        Engine engine = fixture.engine();
        WeakReference<ChatStream> handle = drop(
                engine,
                stream -> fixture.transport.last().headers(200).body("a\n.\n").complete());
        fixture.leaks.clientClosed();
        LeakLog.collectUntil(() -> handle.get() == null);
        Leaks other = new Leaks("other", true, false);
        fixture.leaks = other;

        collectEverything(fixture.engine());

        assertThat(log.records()).extracting(LogRecord::getMessage).allMatch(text -> text.contains("'other'"));
    }

    @Test
    void nothing_is_tracked_when_that_is_not_wanted() throws InterruptedException {
        Leaks off = new Leaks("off", false, true);
        fixture.leaks = off;
        Engine untracked = fixture.engine();
        WeakReference<ChatStream> handle = drop(untracked, stream -> {});
        LeakLog.collectUntil(() -> handle.get() == null);
        fixture.leaks = new Leaks("default", true, false);

        collectEverything(fixture.engine());

        assertThat(untracked.liveCalls()).isEqualTo(1);
        assertThat(off.leakedStreams()).isZero();
        assertThat(off.clientMade()).isNull();
        assertThat(off.streamMade().place()).isNull();
    }

    private static class Recorder implements Flow.Subscriber<ChatEvent> {
        final List<String> heard = new ArrayList<>();

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ChatEvent event) {
            heard.add(((ChatEvent.Text) event).value());
        }

        @Override
        public void onError(Throwable failure) {
            heard.add("error");
        }

        @Override
        public void onComplete() {
            heard.add("complete");
        }
    }

    private static final class Refusing extends Recorder {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            throw new IllegalStateException("no");
        }
    }
}
