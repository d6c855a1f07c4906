package dev.kimi.docs;

import dev.kimi.batch.BatchWindow;
import dev.kimi.batch.BatchWindowFactory;
import dev.kimi.batch.CallSample;
import dev.kimi.batch.WindowObservation;
import dev.kimi.spi.ProviderSettings;
import java.util.OptionalLong;
import java.util.Set;

// snippet:batch-window
/** {@code kimi.batch.window: polite} halves the window when the service rejects something, and grows slowly again. */
public final class PoliteWindowFactory implements BatchWindowFactory {

    @Override
    public String name() {
        return "polite";
    }

    @Override
    public Set<String> settings() {
        return Set.of("max-batch-size");
    }

    @Override
    public BatchWindow create(ProviderSettings settings) {
        return new PoliteWindow(settings.positive("max-batch-size", 16));
    }

    private static final class PoliteWindow implements BatchWindow {

        private final int most;
        private double permits;
        private OptionalLong halved = OptionalLong.empty();

        PoliteWindow(int most) {
            this.most = most;
            this.permits = most;
        }

        @Override
        public int permits(WindowObservation seen) {
            return (int) permits;
        }

        /** Calls that were sent before the window was halved say nothing about the smaller one. */
        @Override
        public void sampled(CallSample call) {
            if (call.succeeded()) {
                permits = Math.min(most, permits + 0.1);
            } else if (call.throttled() && sentSinceHalved(call)) {
                permits = Math.max(1, permits / 2);
                halved = call.endedNanos();
            }
        }

        private boolean sentSinceHalved(CallSample call) {
            return halved.isEmpty() || call.sentNanos().orElseThrow() - halved.getAsLong() >= 0;
        }
    }
}
// end
