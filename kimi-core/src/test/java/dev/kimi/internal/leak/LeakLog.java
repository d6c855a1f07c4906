package dev.kimi.internal.leak;

import dev.kimi.internal.util.LogRecorder;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.function.BooleanSupplier;

/** The warnings of leaks since it was opened, and the garbage collections that bring them about. */
public final class LeakLog extends LogRecorder {

    public LeakLog() {
        super("dev.kimi.leak");
    }

    /** Collects garbage until the condition holds. Waits for ever when it never does: the test has a time limit. */
    public static void collectUntil(BooleanSupplier condition) throws InterruptedException {
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        while (!condition.getAsBoolean()) {
            PhantomReference<Object> probe = new PhantomReference<>(new Object(), queue);
            System.gc();
            // the collector's word that it was there; what it found is then on its way to the cleaner
            queue.remove(100);
            probe.clear();
        }
    }
}
