package dev.kimi.quota;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a call reserves of its account: one request, one place among the concurrent ones, and the tokens that the
 * service books before it has read the request. Immutable. Made by the engine, and by tests of quotas.
 */
public final class QuotaRequest {

    private final String account;
    private final @Nullable String model;
    private final @Nullable String modelClass;
    private final long inputTokens;
    private final long outputCap;
    private final long bookedInputTokens;
    private final long bookedOutputTokens;

    private QuotaRequest(Builder builder) {
        this.account = builder.account;
        this.model = builder.model;
        this.modelClass = builder.modelClass;
        this.inputTokens = builder.inputTokens;
        this.outputCap = builder.outputCap;
        this.bookedInputTokens = builder.bookedInputTokens;
        this.bookedOutputTokens = builder.bookedOutputTokens;
    }

    /**
     * A request that books no tokens until the builder is given some.
     *
     * @param account see {@link #account()}
     */
    public static Builder builder(String account) {
        return new Builder(account);
    }

    /**
     * The id of the account, to keep the counts of several apart. It is a hash: it does not give away the key, and is
     * the same for the same key at the same scheme, host and port in every process, whatever clients are called and in
     * whatever order they are made. Where credentials do not say
     * {@linkplain dev.kimi.auth.CredentialsProvider#account() whom they stand for}, it is made of the name of the first
     * client that uses them.
     */
    public String account() {
        return account;
    }

    /** The model as the service calls it, or null when the operation has none. */
    public @Nullable String model() {
        return model;
    }

    /** What the service counts the model as: models of one class share limits. Null when the operation has no model. */
    public @Nullable String modelClass() {
        return modelClass;
    }

    /** Estimate of the tokens that the model reads, rather too many than too few; 0 when there is no model. */
    public long inputTokens() {
        return inputTokens;
    }

    /** The most tokens that the model may write, reasoning included; 0 when there is no model. */
    public long outputCap() {
        return outputCap;
    }

    /** What the service books against a limit of input tokens when the call begins. */
    public long bookedInputTokens() {
        return bookedInputTokens;
    }

    /**
     * What the service books against a limit of output tokens when the call begins: the cap where it counts the cap, 0
     * where it counts only what is written.
     */
    public long bookedOutputTokens() {
        return bookedOutputTokens;
    }

    /** What the service books against a limit of tokens of both kinds: the sum of the two. */
    public long bookedTokens() {
        return bookedInputTokens + bookedOutputTokens;
    }

    @Override
    public String toString() {
        return "QuotaRequest[" + model + ", books " + bookedInputTokens + " + " + bookedOutputTokens + " tokens]";
    }

    /** Collects what a call reserves. Not thread-safe. */
    public static final class Builder {
        private final String account;
        private @Nullable String model;
        private @Nullable String modelClass;
        private long inputTokens;
        private long outputCap;
        private long bookedInputTokens;
        private long bookedOutputTokens;

        private Builder(String account) {
            this.account = Objects.requireNonNull(account, "account");
        }

        /** See {@link QuotaRequest#model()}; null by default. */
        public Builder model(@Nullable String value) {
            this.model = value;
            return this;
        }

        /** See {@link QuotaRequest#modelClass()}; null by default. */
        public Builder modelClass(@Nullable String value) {
            this.modelClass = value;
            return this;
        }

        /**
         * See {@link QuotaRequest#inputTokens()}; 0 by default. Nothing is booked by it.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder inputTokens(long value) {
            this.inputTokens = notNegative(value, "inputTokens");
            return this;
        }

        /**
         * See {@link QuotaRequest#outputCap()}; 0 by default. Nothing is booked by it.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder outputCap(long value) {
            this.outputCap = notNegative(value, "outputCap");
            return this;
        }

        /**
         * See {@link QuotaRequest#bookedInputTokens()} and {@link QuotaRequest#bookedOutputTokens()}; both 0 by
         * default.
         *
         * @throws IllegalArgumentException if one is negative
         */
        public Builder booked(long inputTokens, long outputTokens) {
            this.bookedInputTokens = notNegative(inputTokens, "booked input tokens");
            this.bookedOutputTokens = notNegative(outputTokens, "booked output tokens");
            return this;
        }

        public QuotaRequest build() {
            return new QuotaRequest(this);
        }
    }

    static long notNegative(long value, String name) {
        if (value < 0) {
            throw new IllegalArgumentException(name + " is " + value + "; it cannot be negative");
        }
        return value;
    }
}
