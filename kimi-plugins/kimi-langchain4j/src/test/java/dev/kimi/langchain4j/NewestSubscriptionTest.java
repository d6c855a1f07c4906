package dev.kimi.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.chat.Message;
import dev.kimi.error.KimiException.Details;
import dev.kimi.error.ServerException;
import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens on one thread while a subscriber is within {@code onNext} on another. */
@Timeout(60)
@Tag("newest")
class NewestSubscriptionTest {

    private final Upstream upstream = new Upstream();
    private final Downstream downstream = new Downstream();
    private final EventSubscription subscription = new EventSubscription(upstream, downstream);

    NewestSubscriptionTest() {
        subscription.onSubscribe(upstream);
    }

    /** A stream that ends with the response {@code whole}. */
    private static final class Upstream implements ChatStream, Flow.Subscription {
        final AtomicLong requested = new AtomicLong();
        final AtomicBoolean cancelled = new AtomicBoolean();

        @Override
        public void request(long n) {
            requested.addAndGet(n);
        }

        @Override
        public void cancel() {
            cancelled.set(true);
        }

        @Override
        public ChatResponse response() {
            return ChatResponse.builder(Message.assistant("whole")).build();
        }

        @Override
        public Iterator<ChatEvent> iterator() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void subscribe(Flow.Subscriber<? super ChatEvent> subscriber) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    /** Notes what comes and on how many threads at once; the first event waits until it is let go. */
    private static final class Downstream implements Flow.Subscriber<ChatModelStreamingEvent> {
        final List<String> signals = new ArrayList<>();
        final AtomicInteger inside = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();
        final CountDownLatch within = new CountDownLatch(1);
        final CountDownLatch go = new CountDownLatch(1);
        boolean failing;

        @Override
        public void onSubscribe(Flow.Subscription subscription) {}

        @Override
        public void onNext(ChatModelStreamingEvent event) {
            signal(event.getClass().getSimpleName());
        }

        @Override
        public void onError(Throwable failure) {
            signal(failure.getClass().getSimpleName());
        }

        @Override
        public void onComplete() {
            signal("complete");
        }

        private void signal(String name) {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            synchronized (signals) {
                signals.add(name);
            }
            within.countDown();
            await(go);
            inside.decrementAndGet();
            if (failing) {
                throw new IllegalStateException("not today");
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs {@code meanwhile} here while the subscriber is within its first event on a thread of its own. */
    private void whileWithinTheFirstEvent(Runnable meanwhile) throws InterruptedException {
        subscription.request(1);
        Thread network = new Thread(() -> subscription.onNext(new ChatEvent.Text("one")));
        network.start();
        await(downstream.within);
        meanwhile.run();
        assertThat(downstream.signals).hasSize(1);
        downstream.go.countDown();
        network.join();
        assertThat(downstream.most).hasValue(1);
    }

    @Test
    void an_end_and_a_request_while_the_subscriber_is_busy_are_delivered_when_it_returns() throws Exception {
        whileWithinTheFirstEvent(() -> {
            subscription.onComplete();
            subscription.request(1);
        });

        assertThat(downstream.signals).containsExactly("PartialResponse", "CompleteResponse", "complete");
        assertThat(upstream.requested).hasValue(2);
    }

    @Test
    void a_failure_while_the_subscriber_is_busy_is_delivered_when_it_returns_before_events_that_wait()
            throws Exception {
        whileWithinTheFirstEvent(() -> {
            subscription.onNext(new ChatEvent.Text("two"));
            subscription.onError(new ServerException("down", Details.NONE, null));
        });

        assertThat(downstream.signals).containsExactly("PartialResponse", "InternalServerException");
    }

    @Test
    void a_cancel_while_the_subscriber_is_busy_ends_everything() throws Exception {
        whileWithinTheFirstEvent(() -> {
            subscription.onNext(new ChatEvent.Text("two"));
            subscription.onComplete();
            subscription.request(10);
            subscription.cancel();
        });

        assertThat(downstream.signals).containsExactly("PartialResponse");
        assertThat(upstream.cancelled).isTrue();
    }

    @Test
    void demand_of_nothing_while_the_subscriber_is_busy_fails_when_it_returns() throws Exception {
        whileWithinTheFirstEvent(() -> subscription.request(0));

        assertThat(downstream.signals).containsExactly("PartialResponse", "IllegalArgumentException");
        assertThat(upstream.cancelled).isTrue();
    }

    @Test
    void a_subscriber_that_throws_is_cancelled_on_whatever_thread_it_does() {
        downstream.go.countDown();
        downstream.failing = true;
        subscription.onComplete();

        assertThatThrownBy(() -> subscription.request(1)).hasMessage("not today");

        subscription.request(1);
        assertThat(upstream.cancelled).isTrue();
        assertThat(downstream.signals).containsExactly("CompleteResponse");
    }
}
