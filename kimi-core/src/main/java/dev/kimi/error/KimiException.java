package dev.kimi.error;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Root of everything that this library throws on purpose. Its message says what happened and what to do; the data is in
 * fields. Neither ever holds the key, the prompt or the raw body.
 *
 * <pre>{@code
 * try {
 *     kimi.chat(request);
 * } catch (RateLimitException e) {
 *     later(e.retryAfter());
 * } catch (KimiException e) {
 *     log(e.status(), e.requestId(), e.getMessage());
 * }
 * }</pre>
 */
public abstract class KimiException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Details details;

    /**
     * @param message what happened and what to do
     * @param details what is known about the failure
     * @param cause the failure beneath, or null
     */
    protected KimiException(String message, Details details, @Nullable Throwable cause) {
        super(message, cause);
        this.details = Objects.requireNonNull(details, "details");
    }

    /** The HTTP status of the response, or 0 when there was none. */
    public final int status() {
        return details().status;
    }

    /**
     * The service's own name of the error, such as {@code rate_limit_reached_error}: 1 to 64 letters, digits and
     * {@code _ . : / -}. Null when it gave none of that form. The message holds it only if it is made of known words.
     */
    public final @Nullable String errorType() {
        return details().errorType;
    }

    /**
     * The id under which the service's support can find the exchange: 1 to 128 letters, digits and {@code _ . : / -}.
     * Null when it gave none of that form.
     */
    public final @Nullable String requestId() {
        return details().requestId;
    }

    /** How many times the request was sent, the failed one included; 0 when it never left. */
    public final int attempts() {
        return details().attempts;
    }

    /** Time from the start of the call to this failure. */
    public final Duration elapsed() {
        return details().elapsed;
    }

    /** The moment from which trying again makes sense according to the service, or null when it did not say. */
    public final @Nullable Instant retryAt() {
        return details().retryAt;
    }

    /**
     * The wait that the service asked for, counted from its response; the longest where it asked for several. Always
     * positive: null when it did not ask for any, or to come back at once.
     */
    public final @Nullable Duration retryAfter() {
        return details().retryAfter;
    }

    /**
     * Which other calls the failure applies to, as far as the service's message and the kind of the failure say; null
     * when it concerns no call but this one. Calls in the scope of a limit are held back together, others go on.
     */
    public final @Nullable LimitScope limitScope() {
        return details().limitScope;
    }

    /** What one rejection applies to. */
    public enum LimitScope {
        /** Every call with the same key at the same service, such as for a limit of an organisation. */
        ACCOUNT,
        /** Every call with the same key for a model that shares the limit, such as where each model has its own. */
        ACCOUNT_MODEL_CLASS,
        /** Every call for the same model at the same address, whoever makes it: the model has no capacity left. */
        ENDPOINT_MODEL,
        /** Every call to the same address: it cannot be reached, or nothing behind it responds. */
        ENDPOINT
    }

    private Details details() {
        // null only after Java deserialisation, which drops the data but must not break the exception
        return details == null ? Details.NONE : details;
    }

    /** What is known about a failure. Immutable. */
    public static final class Details {

        /** Nothing is known. */
        public static final Details NONE = builder().build();

        private final int status;
        private final @Nullable String errorType;
        private final @Nullable String requestId;
        private final int attempts;
        private final Duration elapsed;
        private final @Nullable Instant retryAt;
        private final @Nullable Duration retryAfter;
        private final @Nullable LimitScope limitScope;

        private Details(Builder builder) {
            this.status = builder.status;
            this.errorType = builder.errorType;
            this.requestId = builder.requestId;
            this.attempts = builder.attempts;
            this.elapsed = builder.elapsed;
            this.retryAt = builder.retryAt;
            this.retryAfter = builder.retryAfter;
            this.limitScope = builder.limitScope;
        }

        public static Builder builder() {
            return new Builder();
        }

        /** Collects details; everything is optional. Not thread-safe. */
        public static final class Builder {
            private int status;
            private @Nullable String errorType;
            private @Nullable String requestId;
            private int attempts;
            private Duration elapsed = Duration.ZERO;
            private @Nullable Instant retryAt;
            private @Nullable Duration retryAfter;
            private @Nullable LimitScope limitScope;

            private Builder() {}

            public Builder status(int value) {
                this.status = value;
                return this;
            }

            public Builder errorType(@Nullable String value) {
                this.errorType = value;
                return this;
            }

            public Builder requestId(@Nullable String value) {
                this.requestId = value;
                return this;
            }

            public Builder attempts(int value) {
                this.attempts = value;
                return this;
            }

            public Builder elapsed(Duration value) {
                this.elapsed = Objects.requireNonNull(value);
                return this;
            }

            /** Both forms of the service's hint: how long from its response, and the moment that comes to. */
            public Builder retry(@Nullable Duration after, @Nullable Instant at) {
                this.retryAfter = after;
                this.retryAt = at;
                return this;
            }

            public Builder limitScope(@Nullable LimitScope value) {
                this.limitScope = value;
                return this;
            }

            public Details build() {
                return new Details(this);
            }
        }
    }
}
