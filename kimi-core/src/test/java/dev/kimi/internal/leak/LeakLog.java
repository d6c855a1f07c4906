package dev.kimi.internal.leak;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The warnings of leaks since it was opened, and the garbage collections that bring them about. */
public final class LeakLog extends Handler implements AutoCloseable {

    private static final Logger LOGGER = Logger.getLogger("dev.kimi.leak");

    private final List<LogRecord> records = new CopyOnWriteArrayList<>();
    private final boolean parents = LOGGER.getUseParentHandlers();

    public LeakLog() {
        LOGGER.setUseParentHandlers(false);
        LOGGER.addHandler(this);
    }

    /** What was warned of so far. */
    public List<LogRecord> records() {
        return records;
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

    @Override
    public void publish(LogRecord entry) {
        records.add(entry);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        LOGGER.removeHandler(this);
        LOGGER.setUseParentHandlers(parents);
    }
}
