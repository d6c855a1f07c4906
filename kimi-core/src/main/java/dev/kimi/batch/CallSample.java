package dev.kimi.batch;

import java.util.OptionalLong;

/**
 * A call of a bulk run in figures: either an attempt of it that has ended, or the call as it is while in flight.
 * Immutable. The run makes them; the builder is for tests of windows. All times are nanoseconds of one monotonic clock,
 * {@link WindowObservation#nanoTime()}; only differences mean anything.
 *
 * <p>A call is in one of four states, in this order, and goes back to the first for a retry:
 *
 * <ol>
 *   <li>neither {@link #sentNanos()} nor {@link #endedNanos()}: it waits to be sent, for a quota, a gate or a retry;
 *   <li>sent, no {@link #firstEventNanos()}: it waits for the response;
 *   <li>a first event, not ended: it receives;
 *   <li>ended.
 * </ol>
 */
public final class CallSample {

    private final int index;
    private final int attempt;
    private final long queuedNanos;
    private final OptionalLong sentNanos;
    private final OptionalLong firstEventNanos;
    private final OptionalLong endedNanos;
    private final boolean streamed;
    private final long outputTokens;
    private final boolean throttled;
    private final boolean succeeded;
    private final int inFlight;

    private CallSample(Builder builder) {
        this.index = builder.index;
        this.attempt = builder.attempt;
        this.queuedNanos = builder.queuedNanos;
        this.sentNanos = builder.sentNanos;
        this.firstEventNanos = builder.firstEventNanos;
        this.endedNanos = builder.endedNanos;
        this.streamed = builder.streamed;
        this.outputTokens = builder.outputTokens;
        this.throttled = builder.throttled;
        this.succeeded = builder.succeeded;
        this.inFlight = builder.inFlight;
    }

    /**
     * A call that waits to be sent, unless more is set.
     *
     * @param index see {@link #index()}
     * @param queuedNanos see {@link #queuedNanos()}
     */
    public static Builder builder(int index, long queuedNanos) {
        return new Builder(index, queuedNanos);
    }

    /** The place of the call's request in the input of the run, from 0: the same in all samples of a call. */
    public int index() {
        return index;
    }

    /** The number of the newest attempt, from 1; 0 if the call has not been sent. */
    public int attempt() {
        return attempt;
    }

    /** When the run started the call; the same in all samples of a call. */
    public long queuedNanos() {
        return queuedNanos;
    }

    /** When this attempt was sent; empty if the call waits to be sent, or ended without being sent. */
    public OptionalLong sentNanos() {
        return sentNanos;
    }

    /**
     * When the response of this attempt began: if it is {@link #streamed()} with the first event that has content,
     * otherwise with the headers of a 2xx response. Empty if it has not begun.
     */
    public OptionalLong firstEventNanos() {
        return firstEventNanos;
    }

    /** When this attempt ended, or the call if it was not sent; empty while in flight. */
    public OptionalLong endedNanos() {
        return endedNanos;
    }

    /** Whether the response comes as a stream, so that its tokens arrive one after another. */
    public boolean streamed() {
        return streamed;
    }

    /**
     * Tokens written, reasoning included: when ended, those of the response's usage; of a stream in flight, those that
     * have arrived as far as is known. -1 if unknown, as always for an attempt that did not succeed.
     */
    public long outputTokens() {
        return outputTokens;
    }

    /** Whether the service rejected this attempt for want of capacity (429, 503, 529). The call may be retried. */
    public boolean throttled() {
        return throttled;
    }

    /** Whether this attempt ended well, and the call with it. */
    public boolean succeeded() {
        return succeeded;
    }

    /** Calls of the run in flight at the moment that the sample describes, this one included. */
    public int inFlight() {
        return inFlight;
    }

    @Override
    public String toString() {
        return "CallSample[index=" + index + ", attempt=" + attempt + ", queuedNanos=" + queuedNanos + ", sentNanos="
                + sentNanos + ", firstEventNanos=" + firstEventNanos + ", endedNanos=" + endedNanos + ", streamed="
                + streamed + ", outputTokens=" + outputTokens + ", throttled=" + throttled + ", succeeded=" + succeeded
                + ", inFlight=" + inFlight + "]";
    }

    /** Collects what a sample says. Not thread-safe. */
    public static final class Builder {

        private final int index;
        private final long queuedNanos;
        private int attempt;
        private OptionalLong sentNanos = OptionalLong.empty();
        private OptionalLong firstEventNanos = OptionalLong.empty();
        private OptionalLong endedNanos = OptionalLong.empty();
        private boolean streamed;
        private long outputTokens = -1;
        private boolean throttled;
        private boolean succeeded;
        private int inFlight = 1;

        private Builder(int index, long queuedNanos) {
            this.index = index;
            this.queuedNanos = queuedNanos;
        }

        /** See {@link CallSample#attempt()}; 0 unless set. */
        public Builder attempt(int number) {
            this.attempt = number;
            return this;
        }

        /** See {@link CallSample#sentNanos()}; empty unless set. */
        public Builder sentNanos(long nanos) {
            this.sentNanos = OptionalLong.of(nanos);
            return this;
        }

        /** See {@link CallSample#firstEventNanos()}; empty unless set. */
        public Builder firstEventNanos(long nanos) {
            this.firstEventNanos = OptionalLong.of(nanos);
            return this;
        }

        /** See {@link CallSample#endedNanos()}; empty unless set. */
        public Builder endedNanos(long nanos) {
            this.endedNanos = OptionalLong.of(nanos);
            return this;
        }

        /** See {@link CallSample#streamed()}; false unless set. */
        public Builder streamed(boolean asStream) {
            this.streamed = asStream;
            return this;
        }

        /** See {@link CallSample#outputTokens()}; -1, unknown, unless set. */
        public Builder outputTokens(long tokens) {
            this.outputTokens = tokens;
            return this;
        }

        /** See {@link CallSample#throttled()}; false unless set. */
        public Builder throttled(boolean rejected) {
            this.throttled = rejected;
            return this;
        }

        /** See {@link CallSample#succeeded()}; false unless set. */
        public Builder succeeded(boolean well) {
            this.succeeded = well;
            return this;
        }

        /** See {@link CallSample#inFlight()}; 1 unless set. */
        public Builder inFlight(int calls) {
            this.inFlight = calls;
            return this;
        }

        /** The sample. */
        public CallSample build() {
            return new CallSample(this);
        }
    }
}
