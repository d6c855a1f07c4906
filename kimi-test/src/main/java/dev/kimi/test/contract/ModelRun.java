package dev.kimi.test.contract;

import dev.kimi.batch.BatchWindow;
import dev.kimi.batch.CallSample;
import dev.kimi.batch.WindowObservation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A bulk run that is made up, with brown-outs and throttling, in steps of a quarter of a second: as many calls in
 * flight as the window permits, each of which is sampled when it ends, and a tick each second.
 */
final class ModelRun {

    private static final int STEPS = 5_000;
    private static final long STEP_NANOS = 250_000_000L;
    private static final int STEPS_A_SECOND = 4;

    /** A call under way; some are streamed, and none says more than a run would. */
    private record Running(int index, long queuedNanos, long endNanos, boolean streamed, boolean throttled) {}

    private final BatchWindow window;
    private final SplittableRandom random;
    private final List<Running> running = new ArrayList<>();
    private long nanos;
    private int started;
    private int steps;
    private long completed;
    private long throttled;
    private long slowUntil;
    private Duration latency = Duration.ZERO;

    ModelRun(BatchWindow window, long seed) {
        this.window = window;
        this.random = new SplittableRandom(seed);
        this.nanos = random.nextLong();
        this.slowUntil = nanos;
    }

    /** All steps, with the permits after each. */
    List<Integer> run() {
        List<Integer> permits = new ArrayList<>(STEPS);
        for (int step = 0; step < STEPS; step++) {
            permits.add(step());
        }
        return permits;
    }

    /** Lets time pass: calls end and are sampled, then the tick if it is due, then calls start. */
    int step() {
        nanos += STEP_NANOS;
        steps++;
        if (random.nextInt(400) == 0) {
            slowUntil = nanos + 30 * STEP_NANOS;
        }
        for (Running call : List.copyOf(running)) {
            if (call.endNanos() - nanos <= 0) {
                end(call);
            }
        }
        if (steps % STEPS_A_SECOND == 0 && !running.isEmpty()) {
            window.tick(observation(), running.stream().map(this::inFlight).toList());
        }
        int permits = window.permits(observation());
        // a window that is far too wide is found by its permits, not by this test's memory
        while (running.size() < Math.min(permits, 100)) {
            start();
            permits = window.permits(observation());
        }
        return permits;
    }

    int permitsAgain() {
        return window.permits(observation());
    }

    private void start() {
        boolean slow = slowUntil - nanos > 0;
        long millis = slow ? 2_000 + random.nextLong(30_000) : 200 + random.nextLong(2_000);
        boolean rejected = random.nextInt(slow ? 5 : 50) == 0;
        long took = rejected ? STEP_NANOS : millis * 1_000_000;
        running.add(new Running(started++, nanos, nanos + took, random.nextBoolean(), rejected));
    }

    private void end(Running call) {
        CallSample.Builder sample = sample(call).endedNanos(call.endNanos());
        running.remove(call);
        if (call.throttled()) {
            throttled++;
            window.sampled(sample.throttled(true).build());
            return;
        }
        completed++;
        latency = Duration.ofNanos(call.endNanos() - call.queuedNanos());
        window.sampled(sample.firstEventNanos(call.queuedNanos() + STEP_NANOS / 2)
                .outputTokens(random.nextInt(10) == 0 ? -1 : random.nextLong(2_000))
                .succeeded(true)
                .build());
    }

    private CallSample inFlight(Running call) {
        long since = nanos - call.queuedNanos();
        CallSample.Builder sample = sample(call);
        if (since >= STEP_NANOS && !call.throttled()) {
            sample.firstEventNanos(call.queuedNanos() + STEP_NANOS / 2);
            if (call.streamed()) {
                sample.outputTokens(since / 20_000_000);
            }
        }
        return sample.build();
    }

    private CallSample.Builder sample(Running call) {
        return CallSample.builder(call.index(), call.queuedNanos())
                .attempt(1)
                .sentNanos(call.queuedNanos())
                .streamed(call.streamed())
                .inFlight(running.size());
    }

    private WindowObservation observation() {
        return WindowObservation.builder()
                .averageLatency(latency)
                .inFlight(running.size())
                .completed(completed)
                .throttled(throttled)
                .nanoTime(nanos)
                .build();
    }
}
