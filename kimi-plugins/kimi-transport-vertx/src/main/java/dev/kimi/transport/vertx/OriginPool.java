package dev.kimi.transport.vertx;

import dev.kimi.transport.TransportFailure;
import io.netty.channel.Channel;
import io.vertx.core.http.HttpClientConnection;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one loop to one origin, and the exchanges that wait for one. Belongs to its loop's thread.
 *
 * <p>The most recently used connection with room is taken first, so that the others fall idle and can be closed, and
 * so that HTTP/2 fills a connection before it opens another. As long as it is not known how many exchanges a
 * connection carries, one connection is opened for all that wait.
 */
final class OriginPool {

    /** Exchanges that a connection is expected to carry when HTTP/2 is likely but none has been opened. */
    private static final int EXPECTED_STREAMS = 100;
    /** A server that closes a connection unused for less is restarting, not tidying up. */
    private static final long LEAST_IDLE_NANOS = 1_000_000_000L;
    /** How long to believe what a server's closing has taught. */
    private static final long LEARNED_NANOS = 600_000_000_000L;

    private final TransportLoop loop;
    private final int maxConnections;
    private final int maxPending;
    private final PoolSweeper sweeper;
    private final Openings openings;
    private final ArrayList<PooledConnection> connections = new ArrayList<>();
    private final ArrayDeque<PooledConnection> available = new ArrayDeque<>();
    private final WaitQueue waiters;
    private final boolean maybeMultiplexed;
    /** Connections of HTTP/2 that take no further exchange and are not closed yet. */
    private int draining;
    /** Exchanges that a further connection will carry, 0 when that is not known yet. */
    private int streamsPerConnection;
    /** How long the server leaves a connection unused, as far as it has shown. */
    private long learnedIdleNanos = Long.MAX_VALUE;

    private long forgetAtNanos;

    private boolean serving;
    private boolean serveAgain;
    private boolean serveScheduled;

    OriginPool(TransportLoop loop, Origin origin) {
        this.loop = loop;
        VertxSettings settings = loop.settings;
        this.maxConnections = loop.share(settings.maxConnections);
        this.maxPending = loop.share(settings.maxPending);
        this.waiters = new WaitQueue(loop, this);
        this.sweeper = new PoolSweeper(loop, this);
        this.openings = new Openings(loop, this, origin);
        this.maybeMultiplexed =
                settings.http == VertxSettings.Http.H2 || (settings.http == VertxSettings.Http.AUTO && origin.tls());
        this.streamsPerConnection = maybeMultiplexed ? 0 : 1;
    }

    /** Begins the exchange on a connection with room, or lets it wait for one, or fails it. */
    void acquire(VertxExchange exchange) {
        PooledConnection connection = waiters.isEmpty() ? takeRoom() : null;
        if (connection != null) {
            exchange.begin(connection);
            return;
        }
        // those for whom a connection can still be opened take no waiting place
        long opening = (long) Math.max(0, maxConnections - counted()) * Math.max(1, streamsPerConnection);
        if (waiters.size() >= maxPending + opening) {
            exchange.fail(new TransportFailure(TransportFailure.Kind.POOL_FULL, true, null));
            return;
        }
        waiters.add(exchange);
        openMissing();
    }

    /** Whether a connection is being opened; for any thread. */
    boolean isConnecting() {
        return openings.count() > 0;
    }

    /** A connection that was under suspicion has shown that it lives. */
    void restore(PooledConnection connection) {
        list(connection);
        serve();
    }

    /** Takes an exchange out of the queue. */
    void stopWaiting(VertxExchange exchange) {
        waiters.remove(exchange);
    }

    /** An exchange has left the connection in good order. */
    void release(PooledConnection connection) {
        leave(connection);
        if (connection.closed) {
            return;
        }
        if (connection.retired && connection.streams == 0) {
            discard(connection);
            return;
        }
        list(connection);
        if (!waiters.isEmpty()) {
            // On HTTP/2, Vert.x counts the stream until it has handled the whole frame that ended it; on HTTP/1.1, what
            // follows the response, such as the end of the connection, must have been read before the next request
            serveLater();
        }
    }

    /** An exchange has left the connection in a state that no other can use. */
    void abandon(PooledConnection connection) {
        if (connection.multiplexed) {
            release(connection);
        } else {
            leave(connection);
            discard(connection);
        }
    }

    /** Lets the connection take no further exchange, and closes it once nobody uses it. */
    void retire(PooledConnection connection) {
        if (!connection.retired && !connection.closed) {
            connection.retired = true;
            if (connection.multiplexed) {
                draining++;
            }
        }
        if (connection.streams == 0) {
            discard(connection);
        } else {
            openMissing();
        }
    }

    /**
     * The server ended an unused connection while a request was on its way to it. One that restarts ends the others too
     * as they come to rest, so a replay would meet the next of them: it shall have a new one.
     */
    void distrust() {
        for (PooledConnection connection : List.copyOf(connections)) {
            if (!connection.multiplexed) {
                retire(connection);
            }
        }
    }

    private void leave(PooledConnection connection) {
        loop.exchanges.lazySet(loop.exchanges.get() - 1);
        connection.streams--;
        if (connection.streams == 0) {
            connection.idleSinceNanos = loop.settings.time.nanoTime();
            if (!connection.closed) {
                loop.busy.lazySet(loop.busy.get() - 1);
            }
        }
    }

    private void enter(PooledConnection connection) {
        loop.exchanges.lazySet(loop.exchanges.get() + 1);
        connection.use();
        if (connection.streams == 1) {
            loop.busy.lazySet(loop.busy.get() + 1);
        }
    }

    private @Nullable PooledConnection takeRoom() {
        while (true) {
            PooledConnection first = available.peekFirst();
            if (first == null) {
                return null;
            }
            if (risky(first) || !first.isStillOpen()) {
                discard(first);
                continue;
            }
            boolean room = first.hasRoom();
            if (room) {
                enter(first);
            }
            if (!room || !first.hasRoom()) {
                available.pollFirst();
                first.listed = false;
            }
            if (room) {
                return first;
            }
        }
    }

    private void list(PooledConnection connection) {
        if (!connection.listed && connection.hasRoom()) {
            connection.listed = true;
            available.addFirst(connection);
        }
    }

    private void serveLater() {
        if (!serveScheduled) {
            serveScheduled = loop.execute(later -> {
                serveScheduled = false;
                serve();
            });
        }
    }

    /** Hands connections with room to those that wait longest; an exchange that fails at once may call it again. */
    private void serve() {
        if (serving) {
            serveAgain = true;
            return;
        }
        serving = true;
        do {
            serveAgain = false;
            serveWaiters();
        } while (serveAgain);
        serving = false;
        openMissing();
    }

    private void serveWaiters() {
        while (!waiters.isEmpty()) {
            PooledConnection connection = takeRoom();
            if (connection == null) {
                return;
            }
            waiters.first().begin(connection);
        }
    }

    /**
     * The connections that count towards the most there may be. One of HTTP/2 that only finishes what it carries does
     * not, or a service that restarts often would leave no room for new ones; as many as there may be at most.
     */
    private int counted() {
        return connections.size() - Math.min(draining, maxConnections);
    }

    private void openMissing() {
        long each = streamsPerConnection > 0 ? streamsPerConnection : EXPECTED_STREAMS;
        while (!loop.isClosed()
                && counted() + openings.count() < maxConnections
                && waiters.size() > openings.count() * each
                && (streamsPerConnection > 0 || openings.count() == 0)) {
            openings.open();
        }
    }

    /** A connection has been opened. */
    void connected(HttpClientConnection opened, Channel socket) {
        long retireAt = loop.settings.time.nanoTime() + loop.settings.jitteredMaxAge();
        PooledConnection connection = new PooledConnection(this, opened, socket, loop.settings, retireAt);
        connection.idleSinceNanos = loop.settings.time.nanoTime();
        connections.add(connection);
        loop.open.lazySet(loop.open.get() + 1);
        opened.closeHandler(closed -> closedByPeer(connection));
        opened.exceptionHandler(ignored -> {
            // told to the exchanges on the connection, and followed by its close
        });
        streamsPerConnection = Math.max(1, Math.min(connection.capacity(), EXPECTED_STREAMS));
        if (connection.multiplexed) {
            // some servers end a connection after so many streams; those that they began are allowed to finish
            connection.startHttp2(loop);
            opened.remoteSettingsHandler(changed -> {
                list(connection);
                serveLater();
            });
        }
        list(connection);
        sweeper.schedule();
        // not now, for what has come with the end of the handshake is still being read
        serveLater();
    }

    /** A connection could not be opened: those that counted on it fail, the others get another one. */
    void connectFailed(TransportFailure failure) {
        int perConnection = streamsPerConnection > 0 ? streamsPerConnection : EXPECTED_STREAMS;
        long covered = (long) openings.count() * perConnection;
        for (long victims = Math.min(perConnection, waiters.size() - covered); victims > 0; victims--) {
            waiters.first().fail(failure);
        }
        openMissing();
    }

    /** Closes the connection and forgets it. */
    void discard(PooledConnection connection) {
        boolean wasOpen = !connection.closed;
        lost(connection);
        if (wasOpen) {
            connection.close();
        }
    }

    private void closedByPeer(PooledConnection connection) {
        if (!connection.closed && connection.streams == 0) {
            long now = loop.settings.time.nanoTime();
            long unused = now - connection.idleSinceNanos;
            if (unused >= LEAST_IDLE_NANOS) {
                learnedIdleNanos = unused / 10 * 9;
                forgetAtNanos = now + LEARNED_NANOS;
            }
        }
        lost(connection);
    }

    /** Whether the server may be about to close the unused connection, so that a request on it could get lost. */
    private boolean risky(PooledConnection connection) {
        if (connection.streams > 0 || Math.min(learnedIdleNanos, connection.serverIdleNanos) == Long.MAX_VALUE) {
            return false;
        }
        long now = loop.settings.time.nanoTime();
        if (learnedIdleNanos < Long.MAX_VALUE && now - forgetAtNanos >= 0) {
            learnedIdleNanos = Long.MAX_VALUE;
        }
        return now - connection.idleSinceNanos >= Math.min(learnedIdleNanos, connection.serverIdleNanos);
    }

    private void lost(PooledConnection connection) {
        if (connection.closed) {
            return;
        }
        connection.closed = true;
        connections.remove(connection);
        if (connection.retired && connection.multiplexed) {
            draining--;
        }
        if (connection.listed) {
            available.remove(connection);
            connection.listed = false;
        }
        loop.open.lazySet(loop.open.get() - 1);
        if (connection.streams > 0) {
            loop.busy.lazySet(loop.busy.get() - 1);
        }
        openMissing();
    }

    /** The connections now; a copy. */
    List<PooledConnection> connections() {
        return List.copyOf(connections);
    }

    /** Fails those that wait, opens nothing more, and closes the connections, which fails those that run. */
    void close() {
        openings.close();
        waiters.fail(TransportLoop.closedFailure());
        for (PooledConnection connection : List.copyOf(connections)) {
            discard(connection);
        }
    }
}
