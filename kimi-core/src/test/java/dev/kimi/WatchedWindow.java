package dev.kimi;

import dev.kimi.batch.BatchWindow;
import dev.kimi.batch.CallSample;
import dev.kimi.batch.WindowObservation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Keeps what a run tells its window, and whether two threads were in it at once. */
class WatchedWindow implements BatchWindow {

    /** A tick, with what was in flight. */
    record Tick(WindowObservation seen, List<CallSample> inFlight) {}

    final List<CallSample> samples = new ArrayList<>();
    final List<Tick> ticks = new ArrayList<>();
    final List<WindowObservation> asked = new ArrayList<>();
    volatile int permits;
    volatile boolean overlapped;
    private final AtomicBoolean entered = new AtomicBoolean();

    WatchedWindow(int permits) {
        this.permits = permits;
    }

    @Override
    public final int permits(WindowObservation seen) {
        enter();
        try {
            asked.add(seen);
            onPermits();
            return permits;
        } finally {
            entered.set(false);
        }
    }

    @Override
    public final void sampled(CallSample sample) {
        enter();
        try {
            samples.add(sample);
            onSample(sample);
        } finally {
            entered.set(false);
        }
    }

    @Override
    public final void tick(WindowObservation seen, List<CallSample> inFlight) {
        enter();
        try {
            ticks.add(new Tick(seen, inFlight));
            onTick();
        } finally {
            entered.set(false);
        }
    }

    private void enter() {
        overlapped |= !entered.compareAndSet(false, true);
    }

    /** Every outcome of a run, which can be iterated only once. */
    static List<BatchResult> all(BatchRun run) {
        List<BatchResult> results = new ArrayList<>();
        run.forEach(results::add);
        return results;
    }

    /** What a test adds to {@link #permits}. */
    void onPermits() {}

    /** What a test adds to {@link #sampled}. */
    void onSample(CallSample sample) {}

    /** What a test adds to {@link #tick}. */
    void onTick() {}
}
