package dev.kimi.batch;

import java.time.Duration;
import java.util.Objects;

/**
 * What a bulk run has come to when its window is called. Immutable. The run makes them; the builder is for tests of
 * windows.
 */
public final class WindowObservation {

    private final Duration averageLatency;
    private final int inFlight;
    private final long completed;
    private final long throttled;
    private final long nanoTime;

    private WindowObservation(Builder builder) {
        this.averageLatency = builder.averageLatency;
        this.inFlight = builder.inFlight;
        this.completed = builder.completed;
        this.throttled = builder.throttled;
        this.nanoTime = builder.nanoTime;
    }

    /** Everything 0 unless set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Mean time of a successful attempt, from sending to its end, over about the last ten; zero before the first. */
    public Duration averageLatency() {
        return averageLatency;
    }

    /** Calls of the run that have started and not ended, those that wait for a quota or a retry included. */
    public int inFlight() {
        return inFlight;
    }

    /** Calls that have succeeded so far. */
    public long completed() {
        return completed;
    }

    /** Attempts that the service rejected for want of capacity (429, 503, 529) so far. */
    public long throttled() {
        return throttled;
    }

    /** The run's monotonic clock, in nanoseconds: that of the times of {@link CallSample}. */
    public long nanoTime() {
        return nanoTime;
    }

    @Override
    public String toString() {
        return "WindowObservation[averageLatency=" + averageLatency + ", inFlight=" + inFlight + ", completed="
                + completed + ", throttled=" + throttled + ", nanoTime=" + nanoTime + "]";
    }

    /** Collects what an observation says. Not thread-safe. */
    public static final class Builder {

        private Duration averageLatency = Duration.ZERO;
        private int inFlight;
        private long completed;
        private long throttled;
        private long nanoTime;

        private Builder() {}

        /** See {@link WindowObservation#averageLatency()}. */
        public Builder averageLatency(Duration latency) {
            this.averageLatency = Objects.requireNonNull(latency);
            return this;
        }

        /** See {@link WindowObservation#inFlight()}. */
        public Builder inFlight(int calls) {
            this.inFlight = calls;
            return this;
        }

        /** See {@link WindowObservation#completed()}. */
        public Builder completed(long calls) {
            this.completed = calls;
            return this;
        }

        /** See {@link WindowObservation#throttled()}. */
        public Builder throttled(long attempts) {
            this.throttled = attempts;
            return this;
        }

        /** See {@link WindowObservation#nanoTime()}. */
        public Builder nanoTime(long nanos) {
            this.nanoTime = nanos;
            return this;
        }

        /** The observation. */
        public WindowObservation build() {
            return new WindowObservation(this);
        }
    }
}
