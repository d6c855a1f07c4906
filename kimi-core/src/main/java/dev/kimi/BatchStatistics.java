package dev.kimi;

import dev.kimi.batch.WindowObservation;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What the calls of a bulk run have come to: counted by the calls, read by the window. Thread-safe. */
final class BatchStatistics {

    /** Weight of the newest latency; about the last ten count. */
    private static final double NEWEST = 0.2;

    private final AtomicInteger succeeded = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicLong throttled = new AtomicLong();
    private final AtomicLong retries = new AtomicLong();
    private final AtomicLong averageNanos = new AtomicLong();

    /** An attempt succeeded. */
    void succeeded(Duration latency) {
        long nanos = latency.toNanos();
        averageNanos.updateAndGet(old -> old == 0 ? nanos : (long) (old + NEWEST * (nanos - old)));
    }

    /** The service rejected an attempt for want of capacity. */
    void throttled() {
        throttled.incrementAndGet();
    }

    /** A call will be sent again. */
    void retried() {
        retries.incrementAndGet();
    }

    /** A call ended. */
    void finished(boolean well) {
        (well ? succeeded : failed).incrementAndGet();
    }

    WindowObservation observation(int inFlight, long nanoTime) {
        return WindowObservation.builder()
                .averageLatency(Duration.ofNanos(averageNanos.get()))
                .inFlight(inFlight)
                .completed(succeeded.get())
                .throttled(throttled.get())
                .nanoTime(nanoTime)
                .build();
    }

    int failed() {
        return failed.get();
    }

    long retries() {
        return retries.get();
    }
}
