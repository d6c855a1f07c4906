package dev.kimi.test.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.time.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KimiTestClockTest {

    private static final long HOUR = Duration.ofHours(1).toNanos();

    private final KimiTestClock clock = new KimiTestClock();

    @AfterEach
    void close() {
        clock.close();
    }

    @Test
    void nothing_is_skipped_while_a_thread_does_not_wait() throws InterruptedException {
        CompletableFuture<Void> later = new CompletableFuture<>();
        CountDownLatch queried = new CountDownLatch(3);
        clock.hurryWhile(() -> {
            queried.countDown();
            return false;
        });
        clock.schedule(HOUR, () -> later.complete(null));

        queried.await();

        assertThat(clock.skipped()).isZero();
        assertThat(later).isNotDone();
    }

    @Test
    void a_wait_is_short_when_everybody_waits() {
        CompletableFuture<Duration> later = new CompletableFuture<>();
        clock.hurryWhile(() -> true);
        clock.schedule(Duration.ofMinutes(2).toNanos(), () -> later.complete(clock.skipped()));

        assertThat(later.join()).isBetween(Duration.ofSeconds(90), Duration.ofSeconds(120));
    }

    @Test
    void a_thread_that_has_just_begun_is_not_hurried() throws InterruptedException {
        CountDownLatch queried = new CountDownLatch(5);
        clock.hurryWhile(() -> {
            // as a call does that goes from one state to the next
            clock.schedule(HOUR, () -> {});
            queried.countDown();
            return true;
        });
        clock.schedule(HOUR, () -> {});

        queried.await();

        assertThat(clock.skipped()).isZero();
    }

    @Test
    void a_test_may_say_that_time_has_passed() {
        CompletableFuture<Void> later = new CompletableFuture<>();
        clock.schedule(HOUR, () -> later.complete(null));
        long before = clock.nanoTime();

        clock.advance(Duration.ofHours(1));

        later.join();
        assertThat(clock.nanoTime() - before).isGreaterThanOrEqualTo(HOUR);
        assertThat(clock.pending()).isZero();
        assertThatThrownBy(() -> clock.advance(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT-1S");
    }

    @Test
    void tasks_run_in_the_order_of_their_times_and_one_that_throws_stops_no_other() {
        List<String> ran = new ArrayList<>();
        CompletableFuture<Void> last = new CompletableFuture<>();
        clock.schedule(3 * HOUR, () -> last.complete(null));
        clock.schedule(2 * HOUR, () -> ran.add("second"));
        clock.schedule(HOUR, () -> {
            ran.add("first");
            throw new IllegalStateException("a bug");
        });
        Timer.Timeout cancelled = clock.schedule(HOUR, () -> ran.add("cancelled"));

        assertThat(cancelled.cancel()).isTrue();
        assertThat(cancelled.cancel()).isFalse();
        clock.advance(Duration.ofHours(3));
        last.join();

        assertThat(ran).containsExactly("first", "second");
    }

    @Test
    void a_task_that_is_due_now_runs() {
        CompletableFuture<Void> now = new CompletableFuture<>();
        clock.schedule(HOUR, () -> {});
        clock.schedule(-1, () -> now.complete(null));

        now.join();

        assertThat(clock.pending()).isOne();
    }

    @Test
    void nothing_can_be_scheduled_after_the_end() {
        clock.schedule(HOUR, () -> {});
        clock.close();
        clock.advance(Duration.ofHours(2));

        assertThat(clock.pending()).isZero();
        assertThatThrownBy(() -> clock.schedule(1, () -> {})).isInstanceOf(IllegalStateException.class);
    }
}
