package dev.kimi.test.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.batch.BatchWindow;
import dev.kimi.batch.WindowObservation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What every {@link BatchWindow} must do. */
public abstract class BatchWindowContract {

    private static final int STEPS = 5_000;
    private static final long SECOND_NANOS = 1_000_000_000L;

    /** Makes the window to be tested, every time the same. */
    protected abstract BatchWindow window();

    /** The most permits that it may ever give. */
    protected abstract int most();

    @Test
    void lets_a_run_begin() {
        int permits = window().permits(new WindowObservation(Duration.ZERO, 0, 0, 0, 0));

        assertWithin(permits);
    }

    @Test
    void stays_between_one_and_the_most() {
        for (long seed = 0; seed < 20; seed++) {
            observed(seed).forEach(this::assertWithin);
        }
    }

    @Test
    void returns_the_same_for_the_same_observations() {
        for (long seed = 0; seed < 5; seed++) {
            assertEquals(observed(seed), observed(seed));
        }
    }

    @Test
    void survives_what_cannot_be() {
        BatchWindow window = window();
        List<WindowObservation> odd = List.of(
                new WindowObservation(Duration.ofDays(400), 0, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE),
                new WindowObservation(Duration.ofNanos(1), Integer.MAX_VALUE, 0, 0, Long.MIN_VALUE),
                new WindowObservation(Duration.ZERO, 0, 10, 5, 0),
                new WindowObservation(Duration.ofSeconds(1), 1, 1, 1, 0));

        odd.forEach(observation -> assertWithin(window.permits(observation)));
    }

    @Test
    void calling_twice_at_one_moment_changes_nothing() {
        BatchWindow window = window();
        SplittableRandom random = new SplittableRandom(3);
        long nanos = 0;
        for (int step = 0; step < 200; step++) {
            nanos += random.nextLong(SECOND_NANOS);
            WindowObservation observation =
                    new WindowObservation(Duration.ofMillis(random.nextLong(5_000)), 1, step, 0, nanos);
            assertEquals(window.permits(observation), window.permits(observation));
        }
    }

    /** The permits of a fresh window over a made-up run with brown-outs and throttling. */
    private List<Integer> observed(long seed) {
        BatchWindow window = window();
        SplittableRandom random = new SplittableRandom(seed);
        List<Integer> permits = new ArrayList<>(STEPS);
        long nanos = random.nextLong();
        long completed = 0;
        long throttled = 0;
        int inFlight = 0;
        for (int step = 0; step < STEPS; step++) {
            nanos += random.nextLong(SECOND_NANOS / 2);
            long millis = random.nextInt(10) == 0 ? random.nextLong(600_000) : 200 + random.nextLong(2_000);
            Duration latency = completed == 0 ? Duration.ZERO : Duration.ofMillis(millis);
            int now = window.permits(new WindowObservation(latency, inFlight, completed, throttled, nanos));
            permits.add(now);
            completed += random.nextInt(1 + Math.min(inFlight, 50));
            throttled += random.nextInt(20) == 0 ? random.nextInt(10) : 0;
            inFlight = Math.max(0, now - random.nextInt(4));
        }
        return permits;
    }

    private void assertWithin(int permits) {
        assertTrue(permits >= 1 && permits <= most(), () -> permits + " permits, but 1 to " + most() + " are allowed");
    }
}
