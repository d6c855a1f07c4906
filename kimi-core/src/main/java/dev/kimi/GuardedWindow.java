package dev.kimi;

import dev.kimi.batch.BatchWindow;
import dev.kimi.batch.CallSample;
import dev.kimi.batch.WindowObservation;
import java.util.List;

/** The window of a bulk run, which may throw what it likes: that costs the run nothing. In turns of the run only. */
final class GuardedWindow {

    private static final System.Logger LOG = System.getLogger("dev.kimi.plugins");

    private final BatchWindow window;
    private volatile int permits = 1;
    private boolean reported;

    GuardedWindow(BatchWindow window) {
        this.window = window;
    }

    /** What it permitted last, on any thread. */
    int lastPermits() {
        return permits;
    }

    int permits(WindowObservation seen) {
        try {
            permits = Math.max(1, window.permits(seen));
        } catch (RuntimeException | Error e) {
            threw(e);
        }
        return permits;
    }

    void sampled(CallSample sample) {
        try {
            window.sampled(sample);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    void tick(WindowObservation seen, List<CallSample> inFlight) {
        try {
            window.tick(seen, inFlight);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    private void threw(Throwable e) {
        if (reported) {
            return;
        }
        reported = true;
        LOG.log(
                System.Logger.Level.WARNING,
                "The batch window " + window.getClass().getName() + " threw. The run goes on with at most " + permits
                        + " calls in flight until the window permits another number. Repair it. Reported once per run.",
                e);
    }
}
