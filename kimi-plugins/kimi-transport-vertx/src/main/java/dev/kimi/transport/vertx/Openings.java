package dev.kimi.transport.vertx;

import dev.kimi.transport.TransportFailure;
import io.netty.channel.Channel;
import io.vertx.core.http.HttpClientConnection;
import java.util.HashSet;
import java.util.Set;

/**
 * The connections of a pool that are being opened. Belongs to its loop's thread but for {@link #count}.
 */
final class Openings {

    private final TransportLoop loop;
    private final OriginPool pool;
    private final Origin origin;
    private final Addresses addresses;
    private final Set<ConnectAttempt> attempts = new HashSet<>();
    /** Written by the loop's thread, read by any. */
    private volatile int count;

    Openings(TransportLoop loop, OriginPool pool, Origin origin) {
        this.loop = loop;
        this.pool = pool;
        this.origin = origin;
        this.addresses = new Addresses(loop.settings.time);
    }

    int count() {
        return count;
    }

    /** Begins to open a further one. */
    void open() {
        ConnectAttempt attempt = new ConnectAttempt(loop, this, origin, addresses);
        attempts.add(attempt);
        count = attempts.size();
        attempt.start();
    }

    void succeeded(ConnectAttempt attempt, HttpClientConnection opened, Channel socket) {
        remove(attempt);
        pool.connected(opened, socket);
    }

    void failed(ConnectAttempt attempt, TransportFailure failure) {
        remove(attempt);
        pool.connectFailed(failure);
    }

    private void remove(ConnectAttempt attempt) {
        attempts.remove(attempt);
        count = attempts.size();
    }

    /** Gives up all of them without telling the pool. */
    void close() {
        attempts.forEach(ConnectAttempt::end);
        attempts.clear();
        count = 0;
    }
}
