package dev.kimi.quota;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What became of a call that held a {@link Reservation}, as far as its account's limits are concerned. The engine
 * decides what the service has counted, so that a quota only books the difference. Immutable.
 */
public final class Settlement {

    /** Whether the service has counted the call. Others may be added: treat those as {@link #UNKNOWN}. */
    public enum Outcome {
        /** The call succeeded: the request counts, and the tokens that the usage says, if it says any. */
        COMPLETED,
        /**
         * The service may have counted it: it failed, broke or was cancelled after it was sent. It counts as booked.
         */
        UNKNOWN,
        /** It never reached the service, or was rejected uncounted, as by a 429: the request is given back as well. */
        NOT_COUNTED
    }

    private static final Settlement NOT_COUNTED = new Builder(Outcome.NOT_COUNTED).build();

    private final Outcome outcome;
    private final boolean measured;
    private final long countedInputTokens;
    private final long countedOutputTokens;
    private final Map<String, String> rateLimits;

    private Settlement(Builder builder) {
        this.outcome = builder.outcome;
        this.measured = builder.measured;
        this.countedInputTokens = builder.countedInputTokens;
        this.countedOutputTokens = builder.countedOutputTokens;
        this.rateLimits = builder.rateLimits;
    }

    /** The service has counted nothing and said nothing. */
    public static Settlement notCounted() {
        return NOT_COUNTED;
    }

    /** The service may have counted all that was booked. */
    public static Settlement unknown(QuotaRequest request) {
        return builder(Outcome.UNKNOWN)
                .asBooked(request.bookedInputTokens(), request.bookedOutputTokens())
                .build();
    }

    /**
     * The call succeeded and its usage is known.
     *
     * @param inputTokens see {@link #countedInputTokens()}
     * @param outputTokens see {@link #countedOutputTokens()}
     * @throws IllegalArgumentException if one is negative
     */
    public static Settlement completed(long inputTokens, long outputTokens) {
        return builder(Outcome.COMPLETED).measured(inputTokens, outputTokens).build();
    }

    public static Builder builder(Outcome outcome) {
        return new Builder(outcome);
    }

    public Outcome outcome() {
        return outcome;
    }

    /** Whether the service has reported the usage that the counted tokens come from. */
    public boolean isMeasured() {
        return measured;
    }

    /**
     * What counts against a limit of input tokens: of the reported usage what the service counts, without what it read
     * from a cache where it leaves that out; as booked when the usage is not known; 0 when nothing was counted.
     */
    public long countedInputTokens() {
        return countedInputTokens;
    }

    /** What counts against a limit of output tokens, as {@link #countedInputTokens()} does for input. */
    public long countedOutputTokens() {
        return countedOutputTokens;
    }

    /** What counts against a limit of tokens of both kinds: the sum of the two. */
    public long countedTokens() {
        return countedInputTokens + countedOutputTokens;
    }

    /**
     * What the service said of its limits in the last response to the call: the headers {@code x-ratelimit-*},
     * {@code anthropic-ratelimit-*}, {@code anthropic-priority-*}, {@code anthropic-fast-*} and {@code retry-after}, no
     * others. Names are found without regard to case; of several values of one name the first counts. Empty when there
     * was no response or it had none of them.
     */
    public Map<String, String> rateLimits() {
        return rateLimits;
    }

    @Override
    public String toString() {
        return outcome + (measured ? ", measured " : ", ") + countedInputTokens + " + " + countedOutputTokens
                + " tokens";
    }

    /** Collects what became of a call. Not thread-safe. */
    public static final class Builder {
        private final Outcome outcome;
        private boolean measured;
        private long countedInputTokens;
        private long countedOutputTokens;
        private Map<String, String> rateLimits = Map.of();

        private Builder(Outcome outcome) {
            this.outcome = Objects.requireNonNull(outcome, "outcome");
        }

        /**
         * The usage is known, and so much of it counts.
         *
         * @throws IllegalArgumentException if one is negative
         */
        public Builder measured(long inputTokens, long outputTokens) {
            this.measured = true;
            return counted(inputTokens, outputTokens);
        }

        /**
         * The usage is not known, and what was booked stands.
         *
         * @throws IllegalArgumentException if one is negative
         */
        public Builder asBooked(long inputTokens, long outputTokens) {
            this.measured = false;
            return counted(inputTokens, outputTokens);
        }

        private Builder counted(long inputTokens, long outputTokens) {
            this.countedInputTokens = QuotaRequest.notNegative(inputTokens, "counted input tokens");
            this.countedOutputTokens = QuotaRequest.notNegative(outputTokens, "counted output tokens");
            return this;
        }

        /** See {@link Settlement#rateLimits()}; copied. Empty by default. */
        public Builder rateLimits(Map<String, String> headers) {
            if (headers.isEmpty()) {
                this.rateLimits = Map.of();
                return this;
            }
            Map<String, String> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            headers.forEach(copy::putIfAbsent);
            this.rateLimits = Collections.unmodifiableMap(copy);
            return this;
        }

        public Settlement build() {
            return new Settlement(this);
        }
    }
}
