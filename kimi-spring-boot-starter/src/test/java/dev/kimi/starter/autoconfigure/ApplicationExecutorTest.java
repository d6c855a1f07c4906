package dev.kimi.starter.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.time.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ApplicationExecutorTest {

    private final VirtualTime time = new VirtualTime();
    private final List<Runnable> queue = new ArrayList<>();
    private final AtomicInteger runs = new AtomicInteger();
    private final CompletableFuture<Thread> ranOn = new CompletableFuture<>();

    private void callback() {
        runs.incrementAndGet();
        ranOn.complete(Thread.currentThread());
    }

    @Test
    void a_callback_that_begins_in_time_runs_where_it_was_handed_to() {
        new ApplicationExecutor(queue::add, time).execute(this::callback);

        time.advance(ApplicationExecutor.QUEUE_TIMEOUT);
        queue.get(0).run();
        time.advance(ApplicationExecutor.QUEUE_TIMEOUT);

        assertThat(ranOn).isCompletedWithValue(Thread.currentThread());
        assertThat(time.pending()).isZero();
    }

    @Test
    void a_callback_for_which_no_thread_becomes_free_runs_on_the_common_pool_and_once() {
        new ApplicationExecutor(queue::add, time).execute(this::callback);

        time.advance(ApplicationExecutor.QUEUE_TIMEOUT.multipliedBy(2));

        assertThat(ranOn.join()).isInstanceOf(ForkJoinWorkerThread.class);
        queue.get(0).run();
        assertThat(runs).hasValue(1);
    }

    @Test
    void a_rejected_callback_runs_on_the_common_pool() {
        Executor rejecting = task -> {
            throw new RejectedExecutionException("queue is full");
        };

        new ApplicationExecutor(rejecting, time).execute(this::callback);

        assertThat(ranOn.join()).isInstanceOf(ForkJoinWorkerThread.class);
    }

    @Test
    void what_is_queued_at_the_close_or_comes_after_it_is_not_lost() {
        ApplicationExecutor executor = new ApplicationExecutor(queue::add, time);
        CompletableFuture<Thread> late = new CompletableFuture<>();
        executor.execute(this::callback);

        executor.close();
        executor.execute(() -> late.complete(Thread.currentThread()));

        assertThat(ranOn.join()).isInstanceOf(ForkJoinWorkerThread.class);
        assertThat(late.join()).isInstanceOf(ForkJoinWorkerThread.class);
    }

    @Test
    void a_caller_runs_policy_does_not_take_the_thread_that_moves_bytes() throws InterruptedException {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                1, 1, 0, TimeUnit.SECONDS, new SynchronousQueue<>(), new ThreadPoolExecutor.CallerRunsPolicy());
        CountDownLatch busy = new CountDownLatch(1);
        pool.execute(() -> await(busy));

        new ApplicationExecutor(pool, time).execute(this::callback);

        assertThat(ranOn.join()).isInstanceOf(ForkJoinWorkerThread.class);
        busy.countDown();
        pool.shutdown();
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(runs).hasValue(1);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
