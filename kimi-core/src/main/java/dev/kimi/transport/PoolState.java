package dev.kimi.transport;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The connection pool at one moment, over all origins. Immutable; equal when all figures are. A figure that the
 * transport does not know is -1.
 */
public final class PoolState {

    /** The transport has no pool, or does not know its state. */
    public static final PoolState UNKNOWN = builder().build();

    private final int active;
    private final int idle;
    private final int pending;
    private final int max;
    private final int exchanges;
    private final int needed;
    private final int keepAlive;

    private PoolState(Builder from) {
        this.active = from.active;
        this.idle = from.idle;
        this.pending = from.pending;
        this.max = from.max;
        this.exchanges = from.exchanges;
        this.needed = from.needed;
        this.keepAlive = from.keepAlive;
    }

    /** Begins a state in which no figure is known. */
    public static Builder builder() {
        return new Builder();
    }

    /** Connections with at least one exchange. */
    public int active() {
        return active;
    }

    /** Open connections without an exchange. */
    public int idle() {
        return idle;
    }

    /** Exchanges that wait for a connection. */
    public int pending() {
        return pending;
    }

    /** Most connections there may be; connections that only finish what they carry may be there besides. */
    public int max() {
        return max;
    }

    /** Exchanges in flight on all connections; more than {@link #active} with HTTP/2. */
    public int exchanges() {
        return exchanges;
    }

    /** Connections that the load of the last minutes calls for, which are kept although some are idle now. */
    public int needed() {
        return needed;
    }

    /** Most idle connections that are kept; further ones are closed soon, but for those {@link #needed}. */
    public int keepAlive() {
        return keepAlive;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PoolState that
                && active == that.active
                && idle == that.idle
                && pending == that.pending
                && max == that.max
                && exchanges == that.exchanges
                && needed == that.needed
                && keepAlive == that.keepAlive;
    }

    @Override
    public int hashCode() {
        return Objects.hash(active, idle, pending, max, exchanges, needed, keepAlive);
    }

    @Override
    public String toString() {
        return "PoolState[active=" + active + ", idle=" + idle + ", pending=" + pending + ", max=" + max
                + ", exchanges=" + exchanges + ", needed=" + needed + ", keepAlive=" + keepAlive + "]";
    }

    /** Collects the figures; what is not set is not known. Not thread-safe. */
    public static final class Builder {

        private int active = -1;
        private int idle = -1;
        private int pending = -1;
        private int max = -1;
        private int exchanges = -1;
        private int needed = -1;
        private int keepAlive = -1;

        private Builder() {}

        public Builder active(int connections) {
            this.active = connections;
            return this;
        }

        public Builder idle(int connections) {
            this.idle = connections;
            return this;
        }

        public Builder pending(int waiting) {
            this.pending = waiting;
            return this;
        }

        public Builder max(int connections) {
            this.max = connections;
            return this;
        }

        public Builder exchanges(int inFlight) {
            this.exchanges = inFlight;
            return this;
        }

        public Builder needed(int connections) {
            this.needed = connections;
            return this;
        }

        public Builder keepAlive(int connections) {
            this.keepAlive = connections;
            return this;
        }

        public PoolState build() {
            return new PoolState(this);
        }
    }
}
