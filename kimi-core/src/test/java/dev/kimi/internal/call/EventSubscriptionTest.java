package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.event.CallEvent;
import dev.kimi.internal.leak.LeakLog;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventSubscriptionTest {

    private final EngineFixture fixture = new EngineFixture();
    private final List<Runnable> handedToExecutor = new ArrayList<>();
    private final Recorder recorder = new Recorder();

    private ChatStream stream() {
        return fixture.stream(fixture.engine());
    }

    @Test
    void no_more_is_delivered_than_was_asked_for() {
        ChatStream stream = stream();
        stream.subscribe(recorder);
        fixture.transport.last().headers(200).body("a\nb\nc\n.\n").complete();

        assertThat(recorder.heard).isEmpty();
        recorder.request(2);
        assertThat(recorder.heard).containsExactly("a", "b");
        recorder.request(1);
        assertThat(recorder.heard).containsExactly("a", "b", "c", "complete");
    }

    @Test
    void the_end_needs_no_demand() {
        ChatStream stream = stream();
        stream.subscribe(recorder);

        fixture.transport.last().headers(200).body(".\n").complete();

        assertThat(recorder.heard).containsExactly("complete");
    }

    @Test
    void what_had_arrived_comes_before_the_failure() {
        ChatStream stream = stream();
        stream.subscribe(recorder);
        fixture.transport.last().headers(200).body("a\n").complete();

        recorder.request(Long.MAX_VALUE);

        assertThat(recorder.heard).containsExactly("a", "error " + TruncatedStreamException.class.getSimpleName());
    }

    @Test
    void cancelling_the_subscription_aborts_the_exchange_and_nothing_more_is_reported() {
        ChatStream stream = stream();
        stream.subscribe(recorder);
        recorder.request(10);
        ScriptedTransport.Sent exchange = fixture.transport.last();
        exchange.headers(200).body("a\n");

        recorder.cancel();

        assertThat(exchange.aborted()).isTrue();
        assertThat(recorder.heard).containsExactly("a");
        assertThat(fixture.time.pending()).isZero();
    }

    @Test
    void closing_while_an_event_is_being_added_drops_that_event_too() {
        AtomicReference<ChatStream> closing = new AtomicReference<>();
        fixture.listeners.add(started -> event -> {
            if (event instanceof CallEvent.FirstEvent) {
                closing.get().close();
            }
        });
        fixture.callbacks = handedToExecutor::add;
        ChatStream stream = stream();
        closing.set(stream);
        stream.subscribe(recorder);
        recorder.request(10);

        fixture.transport.last().headers(200).body("a\n");
        handedToExecutor.forEach(Runnable::run);

        assertThat(recorder.heard).containsExactly("error " + CallCancelledException.class.getSimpleName());
    }

    @Timeout(60)
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_stream_that_is_kept_does_not_keep_a_subscriber_that_hears_no_more(boolean cancels)
            throws InterruptedException {
        ChatStream kept = stream();
        WeakReference<Recorder> done = subscriberThatIsDone(kept, cancels);

        LeakLog.collectUntil(() -> done.get() == null);

        kept.close();
    }

    private WeakReference<Recorder> subscriberThatIsDone(ChatStream stream, boolean cancels) {
        Recorder subscriber = new Recorder();
        stream.subscribe(subscriber);
        if (cancels) {
            subscriber.cancel();
        } else {
            fixture.transport.last().headers(200).body(".\n").complete();
            assertThat(subscriber.heard).containsExactly("complete");
        }
        return new WeakReference<>(subscriber);
    }

    @Test
    void a_second_subscriber_is_rejected_and_the_first_one_goes_on() {
        ChatStream stream = stream();
        stream.subscribe(recorder);
        Recorder second = new Recorder();

        stream.subscribe(second);

        assertThat(second.heard).containsExactly("error IllegalStateException");
        recorder.request(1);
        fixture.transport.last().headers(200).body("a\n");
        assertThat(recorder.heard).containsExactly("a");
    }

    @Test
    void nobody_as_a_subscriber_is_refused_and_the_stream_is_still_good() {
        ChatStream stream = stream();
        Flow.Subscriber<ChatEvent> nobody = none();

        assertThatThrownBy(() -> stream.subscribe(nobody)).isInstanceOf(NullPointerException.class);

        stream.subscribe(recorder);
        fixture.transport.last().headers(200).body(".\n").complete();
        assertThat(recorder.heard).containsExactly("complete");
    }

    @SuppressWarnings("NullAway")
    private static Flow.Subscriber<ChatEvent> none() {
        return null;
    }

    @Test
    void a_cancel_from_within_on_next_is_the_last_word() {
        ChatStream stream = stream();
        recorder.onFirst = recorder::cancel;
        stream.subscribe(recorder);
        recorder.request(10);

        fixture.transport.last().headers(200).body("a\nb\n");

        assertThat(recorder.heard).containsExactly("a");
        assertThat(fixture.transport.last().aborted()).isTrue();
    }

    @Test
    void a_request_from_within_on_next_is_served_after_it() {
        ChatStream stream = stream();
        recorder.onFirst = () -> {
            recorder.request(1);
            recorder.heard.add("asked");
        };
        stream.subscribe(recorder);
        recorder.request(1);

        fixture.transport.last().headers(200).body("a\nb\nc\n");

        assertThat(recorder.heard).containsExactly("a", "asked", "b");
    }

    @Test
    void demand_adds_up_without_overflowing() {
        ChatStream stream = stream();
        stream.subscribe(recorder);
        recorder.request(Long.MAX_VALUE - 1);
        recorder.request(Long.MAX_VALUE - 1);

        fixture.transport.last().headers(200).body("a\nb\n.\n").complete();

        assertThat(recorder.heard).containsExactly("a", "b", "complete");
    }

    @Test
    void asking_for_nothing_is_an_error_of_the_subscriber() {
        ChatStream stream = stream();
        stream.subscribe(recorder);

        recorder.request(0);

        assertThat(recorder.heard).containsExactly("error IllegalArgumentException");
        assertThat(fixture.transport.last().aborted()).isTrue();
    }

    @Test
    void an_error_of_the_machine_ends_the_call_at_once() {
        Engine engine = fixture.engine();
        recorder.error = new StackOverflowError("deep");
        fixture.stream(engine).subscribe(recorder);
        recorder.request(10);
        ScriptedTransport.Sent exchange = fixture.transport.last().headers(200);

        assertThatThrownBy(() -> exchange.body("a\n")).isSameAs(recorder.error);

        assertThat(exchange.aborted()).isTrue();
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_subscriber_that_throws_is_cancelled() {
        ChatStream stream = stream();
        recorder.throwing = true;
        stream.subscribe(recorder);
        recorder.request(10);

        fixture.transport.last().headers(200).body("a\nb\n");

        assertThat(recorder.heard).containsExactly("a");
        assertThat(fixture.transport.last().aborted()).isTrue();
    }

    @Test
    void events_that_arrive_while_others_are_delivered_wait_their_turn() {
        fixture.callbacks = handedToExecutor::add;
        ChatStream stream = stream();
        stream.subscribe(recorder);
        recorder.request(Long.MAX_VALUE);
        ScriptedTransport.Sent exchange = fixture.transport.last();
        exchange.headers(200);
        assertThat(handedToExecutor).hasSize(1);
        recorder.onFirst = () -> exchange.body("b\n.\n");
        exchange.body("a\n");

        handedToExecutor.get(0).run();

        assertThat(handedToExecutor).as("one task at a time").hasSize(1);
        assertThat(recorder.heard).containsExactly("a", "b", "complete");
    }

    private static final class Recorder implements Flow.Subscriber<ChatEvent> {
        private final List<String> heard = new ArrayList<>();
        private Flow.@Nullable Subscription subscription;
        private boolean throwing;
        private @Nullable Error error;
        private Runnable onFirst = () -> {};

        void request(long n) {
            if (subscription != null) {
                subscription.request(n);
            }
        }

        void cancel() {
            if (subscription != null) {
                subscription.cancel();
            }
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
        }

        @Override
        public void onNext(ChatEvent event) {
            heard.add(((ChatEvent.Text) event).value());
            Runnable first = onFirst;
            onFirst = () -> {};
            first.run();
            if (error != null) {
                throw error;
            }
            if (throwing) {
                throw new IllegalStateException("broken subscriber");
            }
        }

        @Override
        public void onError(Throwable failure) {
            heard.add("error " + failure.getClass().getSimpleName());
        }

        @Override
        public void onComplete() {
            heard.add("complete");
        }
    }
}
