package dev.kimi.test.contract;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.batch.BatchWindow;
import dev.kimi.batch.CallSample;
import dev.kimi.batch.WindowObservation;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every {@link BatchWindow} must do. */
public abstract class BatchWindowContract {

    private static final long SECOND_NANOS = 1_000_000_000L;

    /** Makes the window to be tested, every time the same. */
    protected abstract BatchWindow window();

    /** The most permits that it may ever give. */
    protected abstract int most();

    @Test
    void lets_a_run_begin() {
        assertWithin(window().permits(WindowObservation.builder().build()));
    }

    @Test
    void stays_between_one_and_the_most() {
        for (long seed = 0; seed < 20; seed++) {
            new ModelRun(window(), seed).run().forEach(this::assertWithin);
        }
    }

    @Test
    void returns_the_same_for_the_same_run() {
        for (long seed = 0; seed < 5; seed++) {
            assertEquals(new ModelRun(window(), seed).run(), new ModelRun(window(), seed).run());
        }
    }

    @Test
    void survives_what_cannot_be() {
        BatchWindow window = window();
        List<WindowObservation> odd = List.of(
                WindowObservation.builder()
                        .averageLatency(Duration.ofDays(400))
                        .completed(Long.MAX_VALUE)
                        .throttled(Long.MAX_VALUE)
                        .nanoTime(Long.MAX_VALUE)
                        .build(),
                WindowObservation.builder()
                        .averageLatency(Duration.ofNanos(1))
                        .inFlight(Integer.MAX_VALUE)
                        .nanoTime(Long.MIN_VALUE)
                        .build(),
                WindowObservation.builder().completed(10).throttled(5).build());
        List<CallSample> samples = List.of(
                CallSample.builder(0, 0).endedNanos(0).build(),
                CallSample.builder(0, Long.MAX_VALUE)
                        .attempt(Integer.MAX_VALUE)
                        .sentNanos(Long.MIN_VALUE)
                        .endedNanos(Long.MIN_VALUE)
                        .throttled(true)
                        .inFlight(0)
                        .build(),
                CallSample.builder(1, 5)
                        .attempt(1)
                        .sentNanos(5)
                        .firstEventNanos(5)
                        .endedNanos(5)
                        .streamed(true)
                        .outputTokens(0)
                        .succeeded(true)
                        .build(),
                CallSample.builder(Integer.MAX_VALUE, 0)
                        .attempt(1)
                        .sentNanos(0)
                        .endedNanos(Long.MAX_VALUE)
                        .outputTokens(Long.MAX_VALUE)
                        .succeeded(true)
                        .inFlight(Integer.MAX_VALUE)
                        .build());

        for (WindowObservation observation : odd) {
            for (CallSample sample : samples) {
                assertDoesNotThrow(() -> window.sampled(sample));
                assertWithin(window.permits(observation));
            }
            assertDoesNotThrow(() -> window.tick(observation, List.of()));
            assertDoesNotThrow(() -> window.tick(observation, samples));
            assertWithin(window.permits(observation));
        }
    }

    @Test
    void survives_a_run_without_samples_or_ticks() {
        BatchWindow window = window();
        for (int second = 0; second < 1_000; second++) {
            assertWithin(window.permits(WindowObservation.builder()
                    .averageLatency(Duration.ofMillis(500))
                    .inFlight(1)
                    .completed(second)
                    .nanoTime(second * SECOND_NANOS)
                    .build()));
        }
    }

    @Test
    void survives_ticks_that_come_late_and_time_in_which_nothing_happens() {
        BatchWindow window = window();
        for (long minutes = 0; minutes < 1_000; minutes += 1 + minutes) {
            WindowObservation idle = WindowObservation.builder()
                    .nanoTime(Duration.ofMinutes(minutes).toNanos())
                    .build();
            assertDoesNotThrow(() -> window.tick(idle, List.of()));
            assertWithin(window.permits(idle));
        }
    }

    @Test
    void calling_twice_at_one_moment_changes_nothing() {
        ModelRun run = new ModelRun(window(), 3);
        for (int step = 0; step < 1_000; step++) {
            int permits = run.step();
            assertEquals(permits, run.permitsAgain());
        }
    }

    private void assertWithin(int permits) {
        assertTrue(permits >= 1 && permits <= most(), () -> permits + " permits, but 1 to " + most() + " are allowed");
    }
}
