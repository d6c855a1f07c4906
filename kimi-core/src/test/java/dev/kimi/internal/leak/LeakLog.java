package dev.kimi.internal.leak;

import dev.kimi.internal.util.LogRecorder;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** The warnings of leaks since it was opened, and the garbage collections that bring them about. */
public final class LeakLog extends LogRecorder {

    /** Once what earlier tests have dropped was found. */
    public LeakLog() {
        super("dev.kimi.leak");
        // the second is found after everything that was with the first
        find(new AtomicBoolean());
        find(new AtomicBoolean());
        records().clear();
    }

    private static void find(AtomicBoolean found) {
        new Leaks("dropped at once", true, false).watch(new Object(), () -> found.set(true));
        try {
            collectUntil(found::get);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
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
