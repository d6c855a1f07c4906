package dev.kimi;

import dev.kimi.batch.WindowObservation;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.RateLimitException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallObserver;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What a bulk run has seen: counted by the observers of its calls, read by its window. Thread-safe. */
final class BatchStatistics {

    /** Weight of the newest latency; about the last ten count. */
    private static final double NEWEST = 0.2;

    private final AtomicInteger succeeded = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicLong throttled = new AtomicLong();
    private final AtomicLong retries = new AtomicLong();
    private final AtomicLong averageNanos = new AtomicLong();

    private final CallObserver observer = new CallObserver() {
        @Override
        public void attemptFinished(CallEvent.AttemptFinished event) {
            if (event.failure() == null && event.status() != 0) {
                long nanos = event.duration().toNanos();
                averageNanos.updateAndGet(old -> old == 0 ? nanos : (long) (old + NEWEST * (nanos - old)));
            } else if (event.failure() instanceof RateLimitException
                    || event.failure() instanceof OverloadedException) {
                throttled.incrementAndGet();
            }
        }

        @Override
        public void retryScheduled(CallEvent.RetryScheduled event) {
            retries.incrementAndGet();
        }
    };

    CallObserver observer() {
        return observer;
    }

    void finished(boolean well) {
        (well ? succeeded : failed).incrementAndGet();
    }

    WindowObservation observation(int inFlight, long nanoTime) {
        return new WindowObservation(
                Duration.ofNanos(averageNanos.get()), inFlight, succeeded.get(), throttled.get(), nanoTime);
    }

    int failed() {
        return failed.get();
    }

    long retries() {
        return retries.get();
    }
}
