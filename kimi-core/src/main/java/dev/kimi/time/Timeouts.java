package dev.kimi.time;

import dev.kimi.internal.util.DurationText;
import java.time.Duration;
import java.util.Objects;

/**
 * The separate limits on the phases of a call. They are separate because a thinking model is healthy while it says
 * nothing for minutes, whereas a connection that takes minutes to open is dead. Immutable. More than a year counts as a
 * year.
 *
 * <pre>{@code
 * Timeouts timeouts = Timeouts.builder()
 *         .total(Duration.ofMinutes(10))
 *         .firstEvent(Duration.ofMinutes(2))
 *         .build();
 * }</pre>
 */
public final class Timeouts {

    private static final Duration LONGEST = Duration.ofDays(365);
    private static final Timeouts DEFAULTS = builder().build();

    private final Duration connect;
    private final Duration poolWait;
    private final Duration headers;
    private final Duration firstEvent;
    private final Duration idle;
    private final Duration quiet;
    private final Duration total;

    private Timeouts(Builder builder) {
        this.connect = builder.connect;
        this.poolWait = builder.poolWait;
        this.headers = builder.headers;
        this.firstEvent = builder.firstEvent;
        this.idle = builder.idle;
        this.quiet = builder.quiet;
        this.total = builder.total;
    }

    /** The defaults named at each accessor. */
    public static Timeouts defaults() {
        return DEFAULTS;
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Opening a connection, TLS included. Default 5 s. */
    public Duration connect() {
        return connect;
    }

    /** Waiting for a pooled connection. Default 10 s. */
    public Duration poolWait() {
        return poolWait;
    }

    /**
     * From sending a request for a stream to its response headers; while a streamed body is sent, from the moment that
     * the connection took some of it last. Default 60 s.
     */
    public Duration headers() {
        return headers;
    }

    /**
     * From the response headers of a stream to its first event; for a response that is not streamed, from sending to
     * the end of it, since a thinking model responds with nothing until it has finished. Default 5 min.
     */
    public Duration firstEvent() {
        return firstEvent;
    }

    /**
     * Between two events of a stream, while nothing comes: neither content nor a keep-alive. Default 60 s.
     *
     * @see #quiet()
     */
    public Duration idle() {
        return idle;
    }

    /**
     * Between two events of a stream with content, while keep-alives (comments, pings, empty events) prove that the
     * connection lives. Default 5 min; less than {@link #idle} counts as that.
     */
    public Duration quiet() {
        return quiet;
    }

    /** The whole call with its attempts and waits, unless the request brings a deadline of its own. Default 15 min. */
    public Duration total() {
        return total;
    }

    /** Collects timeouts; every one must be positive. Not thread-safe. */
    public static final class Builder {
        private Duration connect = Duration.ofSeconds(5);
        private Duration poolWait = Duration.ofSeconds(10);
        private Duration headers = Duration.ofSeconds(60);
        private Duration firstEvent = Duration.ofMinutes(5);
        private Duration idle = Duration.ofSeconds(60);
        private Duration quiet = Duration.ofMinutes(5);
        private Duration total = Duration.ofMinutes(15);

        private Builder() {}

        public Builder connect(Duration value) {
            this.connect = positive("connect", value);
            return this;
        }

        public Builder poolWait(Duration value) {
            this.poolWait = positive("pool-wait", value);
            return this;
        }

        public Builder headers(Duration value) {
            this.headers = positive("headers", value);
            return this;
        }

        public Builder firstEvent(Duration value) {
            this.firstEvent = positive("first-event", value);
            return this;
        }

        public Builder idle(Duration value) {
            this.idle = positive("idle", value);
            return this;
        }

        public Builder quiet(Duration value) {
            this.quiet = positive("quiet", value);
            return this;
        }

        public Builder total(Duration value) {
            this.total = positive("total", value);
            return this;
        }

        public Timeouts build() {
            return new Timeouts(this);
        }

        private static Duration positive(String name, Duration value) {
            Objects.requireNonNull(value, name);
            if (value.isZero() || value.isNegative()) {
                throw new IllegalArgumentException(
                        "timeout." + name + " must be positive, but is " + DurationText.of(value));
            }
            // beyond what a clock of nanoseconds can add to its own time lie those who mean: no limit
            return value.compareTo(LONGEST) > 0 ? LONGEST : value;
        }
    }
}
