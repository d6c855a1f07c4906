package dev.kimi.internal.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HeadWatchTest {

    private static final long SECOND = 1_000_000_000L;
    private static final long MILLISECOND = 1_000_000L;
    /** Moments are kept to that. */
    private static final long GRAIN = 1L << 20;

    private static final int THREADS = 4;

    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private static HeadWatch watch() {
        return new HeadWatch(100 * MILLISECOND, 0);
    }

    private static void wait(HeadWatch watch, int streams, long now) {
        for (int i = 0; i < streams; i++) {
            watch.waits(now);
        }
    }

    @Test
    void silence_is_as_long_as_enough_wait_and_no_head_comes() {
        HeadWatch watch = watch();
        wait(watch, HeadWatch.ENOUGH - 1, SECOND);
        assertThat(watch.silence(60 * SECOND)).as("too few").isZero();

        watch.waits(60 * SECOND);
        assertThat(watch.silence(60 * SECOND)).as("not since the first of them").isLessThan(GRAIN);
        watch.waits(61 * SECOND);
        assertThat(watch.silence(62 * SECOND)).isBetween(2 * SECOND, 2 * SECOND + GRAIN);

        watch.came(61 * SECOND);
        assertThat(watch.silence(62 * SECOND)).isEqualTo(SECOND);
    }

    @Test
    void it_begins_anew_when_fewer_wait_for_a_moment() {
        HeadWatch watch = watch();
        wait(watch, HeadWatch.ENOUGH, SECOND);

        watch.waitsNoMore();
        assertThat(watch.silence(10 * SECOND)).isZero();
        watch.waits(10 * SECOND);

        assertThat(watch.silence(10 * SECOND)).isLessThan(GRAIN);
        assertThat(watch.waiting()).isEqualTo(HeadWatch.ENOUGH);
    }

    @Test
    void moments_below_zero_are_moments() {
        HeadWatch watch = new HeadWatch(0, -100 * SECOND);
        wait(watch, HeadWatch.ENOUGH, -50 * SECOND);

        assertThat(watch.silence(-48 * SECOND)).isBetween(2 * SECOND, 2 * SECOND + GRAIN);
        assertThat(watch.silence(SECOND)).isBetween(51 * SECOND, 51 * SECOND + GRAIN);
    }

    @Test
    void the_usual_time_is_the_longest_of_late_and_forgotten_by_many_shorter_ones() {
        HeadWatch watch = new HeadWatch(0, 0);
        assertThat(watch.patience()).as("nobody knows").isEqualTo(HeadWatch.UNKNOWN_NANOS);

        for (int i = 0; i < 4; i++) {
            watch.took(SECOND);
        }
        watch.took(100 * MILLISECOND);
        assertThat(watch.usual()).isBetween(970 * MILLISECOND, SECOND);
        assertThat(watch.patience()).isBetween(3_880 * MILLISECOND, 4 * SECOND);

        for (int i = 0; i < 1_000; i++) {
            watch.took(100 * MILLISECOND);
        }
        assertThat(watch.usual()).isBetween(100 * MILLISECOND, 101 * MILLISECOND);
        assertThat(watch.patience()).isEqualTo(HeadWatch.LEAST_NANOS);
    }

    @Test
    void one_head_that_is_very_late_does_not_make_a_minute_of_silence_usual() {
        HeadWatch watch = watch();

        watch.took(30 * SECOND);
        assertThat(watch.usual()).isEqualTo(200 * MILLISECOND);
        assertThat(watch.patience()).isEqualTo(800 * MILLISECOND);

        for (int i = 0; i < 10; i++) {
            watch.took(30 * SECOND);
        }
        assertThat(watch.usual()).as("all are").isEqualTo(30 * SECOND);
    }

    @Test
    void a_head_that_is_seen_late_does_not_make_the_silence_longer() {
        HeadWatch watch = watch();
        wait(watch, HeadWatch.ENOUGH, SECOND);
        watch.came(9 * SECOND);

        watch.came(2 * SECOND);

        assertThat(watch.silence(10 * SECOND)).isEqualTo(SECOND);
    }

    @Test
    void who_looks_before_the_last_head_sees_no_silence() {
        HeadWatch watch = watch();
        wait(watch, HeadWatch.ENOUGH, SECOND);
        watch.came(9 * SECOND);

        assertThat(watch.silence(8 * SECOND)).isZero();
    }

    /** Whoever sees that enough wait sees since when, too: an idle service would else be silent for an hour. */
    @Test
    void nobody_sees_the_count_of_now_with_the_moment_of_before() throws Exception {
        long now = 3_600 * SECOND;
        for (int round = 0; round < 500; round++) {
            HeadWatch watch = watch();
            wait(watch, HeadWatch.ENOUGH, SECOND);
            watch.waitsNoMore();
            CyclicBarrier together = new CyclicBarrier(THREADS);
            List<Future<Long>> longest = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                boolean looks = i == 0;
                longest.add(threads.submit(() -> {
                    together.await();
                    long seen = 0;
                    for (int turn = 0; turn < 50; turn++) {
                        if (!looks) {
                            watch.waits(now);
                        }
                        seen = Math.max(seen, watch.silence(now));
                        if (!looks) {
                            watch.waitsNoMore();
                        }
                    }
                    return seen;
                }));
            }

            for (Future<Long> seen : longest) {
                assertThat(seen.get()).isLessThan(GRAIN);
            }
            assertThat(watch.waiting()).as("all are counted").isEqualTo(HeadWatch.ENOUGH - 1);
        }
    }

    @Test
    void of_times_that_come_at_once_the_longest_is_kept() throws Exception {
        for (int round = 0; round < 200; round++) {
            HeadWatch watch = new HeadWatch(600 * MILLISECOND, 0);
            CyclicBarrier together = new CyclicBarrier(THREADS);
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                long took = i == 0 ? SECOND : MILLISECOND;
                all.add(threads.submit(() -> {
                    together.await();
                    watch.took(took);
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }

            assertThat(watch.usual()).isGreaterThan(SECOND * 9 / 10);
        }
    }
}
