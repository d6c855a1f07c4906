package dev.kimi;

import dev.kimi.batch.BatchWindow;
import java.util.Objects;

/** How a bulk run is to go. Immutable. */
public final class BatchOptions {

    private final BatchWindow window;

    private BatchOptions(BatchWindow window) {
        this.window = window;
    }

    /** The same number of calls in flight all the time. */
    public static BatchOptions fixed(int permits) {
        return window(BatchWindow.fixed(permits));
    }

    /** A window of the caller's; it must not be used by another run. */
    public static BatchOptions window(BatchWindow window) {
        return new BatchOptions(Objects.requireNonNull(window));
    }

    /** The window. */
    public BatchWindow window() {
        return window;
    }
}
