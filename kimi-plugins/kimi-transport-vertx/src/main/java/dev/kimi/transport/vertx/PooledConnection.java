package dev.kimi.transport.vertx;

import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpVersion;

/** A connection and what its pool knows about it. Belongs to its loop's thread. */
final class PooledConnection {

    final HttpClientConnection connection;
    final boolean multiplexed;
    final long retireAtNanos;
    final OriginPool pool;
    /** Exchanges that use it now. */
    int streams;
    /** Exchanges that it has begun. */
    long uses;

    long idleSinceNanos;
    /** Takes no further exchange, and is closed when the last has ended. */
    boolean retired;

    boolean closed;
    /** Stands in the pool's queue of connections with room. */
    boolean listed;

    PooledConnection(OriginPool pool, HttpClientConnection connection, long retireAtNanos) {
        this.pool = pool;
        this.connection = connection;
        this.multiplexed = connection.protocolVersion() == HttpVersion.HTTP_2;
        this.retireAtNanos = retireAtNanos;
    }

    int capacity() {
        return multiplexed ? (int) Math.min(Integer.MAX_VALUE, connection.maxActiveStreams()) : 1;
    }

    boolean hasRoom() {
        return !retired && !closed && streams < capacity();
    }
}
