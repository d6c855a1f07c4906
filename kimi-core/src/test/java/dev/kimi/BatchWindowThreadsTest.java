package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.batch.CallSample;
import dev.kimi.chat.ChatRequest;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A window that takes its time holds up neither the transport nor the timer nor who closes, and is never entered twice.
 */
@Timeout(60)
class BatchWindowThreadsTest {

    private final ClientFixture service = new ClientFixture(body -> ClientFixture.Reply.text("yes"));
    private final ExecutorService callbacks = Executors.newFixedThreadPool(4);
    private final KimiClient client =
            service.builder().callbackExecutor(callbacks).build();

    @AfterEach
    void close() {
        client.close();
        callbacks.shutdownNow();
    }

    /** Stays in the first sample until released. */
    private static final class SlowWindow extends WatchedWindow {
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch release = new CountDownLatch(1);
        final CountDownLatch ticked = new CountDownLatch(1);
        final CountDownLatch sampled;
        volatile boolean interrupted;

        SlowWindow(int permits, int samples) {
            super(permits);
            this.sampled = new CountDownLatch(samples);
        }

        @Override
        void onSample(CallSample sample) {
            entered.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
            sampled.countDown();
        }

        @Override
        void onTick() {
            ticked.countDown();
        }
    }

    private BatchRun run(WatchedWindow window) {
        service.hold = true;
        return client.batch(
                IntStream.range(0, 4)
                        .mapToObj(i -> ChatRequest.of("question " + i))
                        .toList(),
                BatchOptions.window(window));
    }

    @Test
    void transport_and_timer_go_on_while_the_window_is_busy_and_it_hears_of_everything_afterwards()
            throws InterruptedException {
        SlowWindow window = new SlowWindow(4, 4);
        BatchRun run = run(window);
        service.held.remove(0).run();
        window.entered.await();

        // on this thread, which is the transport's and the timer's: none of these may wait for the window
        service.held.remove(0).run();
        service.time.advance(Duration.ofSeconds(1));
        service.held.remove(0).run();
        assertThat(run.progress().succeeded()).isEqualTo(3);
        assertThat(window.ticked.getCount()).isEqualTo(1);
        window.release.countDown();
        window.ticked.await();
        service.held.remove(0).run();
        window.sampled.await();

        assertThat(WatchedWindow.all(run)).hasSize(4).allMatch(BatchResult::succeeded);
        // whoever waits for the callbacks sees what their threads wrote
        callbacks.shutdown();
        assertThat(callbacks.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(window.overlapped).isFalse();
        assertThat(window.interrupted).isFalse();
        assertThat(window.samples).extracting(CallSample::index).containsExactly(0, 1, 2, 3);
        assertThat(service.time.pending()).isZero();
    }

    @Test
    void samples_and_ticks_come_on_the_callback_executor_and_not_on_the_transport_or_the_timer()
            throws InterruptedException {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        CountDownLatch seen = new CountDownLatch(5);
        WatchedWindow window = new WatchedWindow(4) {
            @Override
            void onSample(CallSample sample) {
                note();
            }

            @Override
            void onTick() {
                note();
            }

            private void note() {
                threads.add(Thread.currentThread());
                seen.countDown();
            }
        };
        run(window);

        service.time.advance(Duration.ofSeconds(1));
        service.held.forEach(Runnable::run);
        seen.await();

        assertThat(threads).doesNotContain(Thread.currentThread());
    }

    /** The last moment at which a rejection can still keep a call from being sent. */
    @Test
    void what_ends_while_calls_are_being_started_is_known_before_the_next_starts() {
        AtomicInteger sent = new AtomicInteger();
        WatchedWindow window = new WatchedWindow(4) {
            @Override
            void onPermits() {
                // the transport is fast: the response to the first call is there before the second starts
                if (asked.size() == 2) {
                    service.held.remove(0).run();
                }
            }

            @Override
            void onSample(CallSample sample) {
                sent.compareAndSet(0, service.sent.size());
            }
        };
        run(window);

        assertThat(sent).hasValue(2);
    }

    @Test
    void closing_does_not_wait_for_the_window_and_leaves_no_timer() throws InterruptedException {
        SlowWindow window = new SlowWindow(4, 4);
        BatchRun run = run(window);
        service.held.remove(0).run();
        window.entered.await();

        run.close();

        assertThat(WatchedWindow.all(run))
                .hasSize(4)
                .filteredOn(BatchResult::succeeded)
                .hasSize(1);
        assertThat(service.time.pending()).isZero();
        window.release.countDown();
        window.sampled.await();
        callbacks.shutdown();
        assertThat(callbacks.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(window.overlapped).isFalse();
        assertThat(service.time.pending()).isZero();
        assertThat(window.ticks).isEmpty();
    }
}
