package dev.kimi.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TimerTest {

    @Test
    void the_wheel_never_runs_a_task_early() throws InterruptedException {
        try (Timer timer = Timer.wheel("timer-test")) {
            int tasks = 200;
            CountDownLatch ran = new CountDownLatch(tasks);
            AtomicInteger early = new AtomicInteger();
            TimeSource clock = TimeSource.system();
            for (int i = 0; i < tasks; i++) {
                long delay = Duration.ofMillis(i).toNanos();
                long due = clock.nanoTime() + delay;
                timer.schedule(delay, () -> {
                    if (clock.nanoTime() < due) {
                        early.incrementAndGet();
                    }
                    ran.countDown();
                });
            }
            ran.await();
            assertThat(early).hasValue(0);
            assertThat(timer.pending()).isZero();
        }
    }

    @Test
    void a_cancelled_task_does_not_run_and_is_forgotten() throws InterruptedException {
        try (Timer timer = Timer.wheel("timer-test")) {
            AtomicInteger ran = new AtomicInteger();
            List<Timer.Timeout> timeouts = new ArrayList<>();
            for (int i = 0; i < 10_000; i++) {
                timeouts.add(timer.schedule(Duration.ofMillis(500).toNanos(), ran::incrementAndGet));
            }
            assertThat(timer.pending()).isEqualTo(10_000);
            assertThat(timeouts).allMatch(Timer.Timeout::cancel);
            assertThat(timeouts).noneMatch(Timer.Timeout::cancel);
            assertThat(timer.pending()).isZero();

            CountDownLatch later = new CountDownLatch(1);
            timer.schedule(Duration.ofMillis(600).toNanos(), later::countDown);
            later.await();
            assertThat(ran).hasValue(0);
        }
    }

    @Test
    void a_task_that_fails_does_not_stop_the_others() throws InterruptedException {
        try (Timer timer = Timer.wheel("timer-test")) {
            CountDownLatch ran = new CountDownLatch(1);
            timer.schedule(0, () -> {
                throw new IllegalStateException("broken task");
            });
            timer.schedule(Duration.ofMillis(20).toNanos(), ran::countDown);
            ran.await();
        }
    }

    @Test
    void many_threads_schedule_and_cancel_and_every_task_has_one_fate() throws InterruptedException {
        try (Timer timer = Timer.wheel("timer-test")) {
            int perThread = 20_000;
            int threads = 4;
            AtomicInteger ran = new AtomicInteger();
            AtomicInteger cancelled = new AtomicInteger();
            CountDownLatch done = new CountDownLatch(threads);
            for (int t = 0; t < threads; t++) {
                new Thread(() -> {
                            for (int i = 0; i < perThread; i++) {
                                Timer.Timeout timeout =
                                        timer.schedule(Duration.ofMillis(i % 30).toNanos(), ran::incrementAndGet);
                                if (i % 2 == 0 && timeout.cancel()) {
                                    cancelled.incrementAndGet();
                                }
                            }
                            done.countDown();
                        })
                        .start();
            }
            done.await();
            CountDownLatch after = new CountDownLatch(1);
            timer.schedule(Duration.ofMillis(100).toNanos(), after::countDown);
            after.await();
            assertThat(ran.get() + cancelled.get()).isEqualTo(threads * perThread);
            assertThat(timer.pending()).isZero();
        }
    }

    @Test
    void a_closed_timer_drops_what_waits_and_takes_nothing() {
        Timer timer = Timer.wheel("timer-test");
        timer.schedule(Duration.ofHours(1).toNanos(), () -> {});
        timer.close();
        timer.close();
        assertThat(timer.pending()).isZero();
        assertThatThrownBy(() -> timer.schedule(0, () -> {})).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void virtual_time_runs_tasks_in_the_order_of_their_due_times() {
        VirtualTime time = new VirtualTime();
        List<String> ran = new ArrayList<>();
        time.schedule(Duration.ofSeconds(2).toNanos(), () -> ran.add("second"));
        time.schedule(Duration.ofSeconds(1).toNanos(), () -> {
            ran.add("first");
            time.schedule(Duration.ofMillis(500).toNanos(), () -> ran.add("between"));
        });
        Timer.Timeout never = time.schedule(Duration.ofSeconds(1).toNanos(), () -> ran.add("never"));
        never.cancel();

        time.advance(Duration.ofSeconds(3));

        assertThat(ran).containsExactly("first", "between", "second");
        assertThat(time.nanoTime()).isEqualTo(Duration.ofSeconds(3).toNanos());
        assertThat(time.waits()).hasSize(4);
    }
}
