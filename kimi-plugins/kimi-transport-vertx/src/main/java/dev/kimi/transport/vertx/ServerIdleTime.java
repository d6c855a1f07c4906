package dev.kimi.transport.vertx;

import dev.kimi.time.TimeSource;

/**
 * How long the server leaves a connection unused before it closes it, as far as it has shown. Belongs to its loop's
 * thread.
 */
final class ServerIdleTime {

    /** A server that closes a connection unused for less is restarting, not tidying up. */
    private static final long MIN_IDLE_NANOS = 1_000_000_000L;
    /** How long to believe what a server's closing has taught. */
    private static final long LEARNED_NANOS = 600_000_000_000L;

    private final TimeSource time;
    private long learnedNanos = Long.MAX_VALUE;
    private long forgetAtNanos;

    ServerIdleTime(TimeSource time) {
        this.time = time;
    }

    /** The server has closed the connection, which was unused. */
    void closed(PooledConnection connection) {
        long now = time.nanoTime();
        long unused = connection.idleNanos(now);
        if (unused >= MIN_IDLE_NANOS) {
            learnedNanos = unused / 10 * 9;
            forgetAtNanos = now + LEARNED_NANOS;
        }
    }

    /** Whether the server may be about to close the connection, so that a request on it could get lost. */
    boolean isOver(PooledConnection connection) {
        if (connection.isInUse() || Math.min(learnedNanos, connection.serverIdleNanos()) == Long.MAX_VALUE) {
            return false;
        }
        long now = time.nanoTime();
        if (learnedNanos < Long.MAX_VALUE && now - forgetAtNanos >= 0) {
            learnedNanos = Long.MAX_VALUE;
        }
        return connection.idleNanos(now) >= Math.min(learnedNanos, connection.serverIdleNanos());
    }
}
