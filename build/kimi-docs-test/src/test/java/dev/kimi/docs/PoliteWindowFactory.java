package dev.kimi.docs;

import dev.kimi.batch.BatchWindow;
import dev.kimi.batch.BatchWindowFactory;
import dev.kimi.batch.WindowObservation;
import dev.kimi.spi.ProviderSettings;

// snippet:batch-window
/** {@code kimi.batch.window: polite} halves the window when the service rejects something, and grows slowly again. */
public final class PoliteWindowFactory implements BatchWindowFactory {

    @Override
    public String name() {
        return "polite";
    }

    @Override
    public BatchWindow create(ProviderSettings settings) {
        return new PoliteWindow(settings.positive("max-batch-size", 16));
    }

    private static final class PoliteWindow implements BatchWindow {

        private final int most;
        private double permits;
        private long completed;
        private long throttled;

        PoliteWindow(int most) {
            this.most = most;
            this.permits = most;
        }

        @Override
        public int permits(WindowObservation seen) {
            if (seen.throttled() > throttled) {
                permits = Math.max(1, permits / 2);
            } else if (seen.completed() > completed) {
                permits = Math.min(most, permits + 0.1 * (seen.completed() - completed));
            }
            throttled = seen.throttled();
            completed = seen.completed();
            return (int) permits;
        }
    }
}
// end
