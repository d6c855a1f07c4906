package dev.kimi.transport.vertx;

import dev.kimi.transport.TransportFailure;
import io.netty.channel.Channel;
import io.vertx.core.http.HttpClientConnection;

/**
 * Brings exchanges of one loop to one origin and connections together: an exchange begins on an open connection with
 * room, or waits for one. Belongs to its loop's thread.
 *
 * <p>As long as it is not known how many exchanges a connection carries, one connection is opened for all that wait.
 */
final class OriginPool implements OpenConnections.Listener, PendingConnections.Listener {

    /** Exchanges that a connection is expected to carry when HTTP/2 is likely but none has been opened. */
    private static final int EXPECTED_STREAMS = 100;
    /** Connections being opened at a time, unless more are open: a server's queue of handshakes is bounded. */
    private static final int MAX_HANDSHAKES = 16;
    /** How long no connection is opened before it is needed, when one could not be opened. */
    private static final long AHEAD_PAUSE_NANOS = 5_000_000_000L;

    private final LoopExecutor loop;
    private final VertxSettings settings;
    private final Limits limits;
    private final Http2Windows.Allowance allowance;
    private final PendingConnections pending;
    private final PoolLoad load;
    private final OpenConnections open;
    private final PoolSweeper sweeper;
    private final NameWatch names;
    private final WaitQueue waiters;
    /** Exchanges that a further connection will carry, 0 when that is not known yet. */
    private int streamsPerConnection;

    private boolean failedLast;
    private long failedAtNanos;
    private boolean serving;
    private boolean serveAgain;
    private boolean serveScheduled;

    /**
     * @param mayMultiplex whether the origin may speak HTTP/2
     * @param allowance for the windows of streams of HTTP/2, which all pools of the loop share
     */
    OriginPool(
            boolean mayMultiplex,
            PendingConnections pending,
            LoopExecutor loop,
            LoopCounters counters,
            VertxSettings settings,
            Limits limits,
            Http2Windows.Allowance allowance) {
        this.loop = loop;
        this.settings = settings;
        this.limits = limits;
        this.allowance = allowance;
        this.pending = pending;
        this.waiters = new WaitQueue(loop, settings.time, counters.pendingExchanges, settings.poolWaitNanos);
        this.load = new PoolLoad(settings.time, counters, limits.maxConnections, limits.keepAlive);
        this.open = new OpenConnections(settings.time, counters, load, limits.maxConnections, this);
        this.names = new NameWatch(loop, pending.addresses(), open);
        this.sweeper = new PoolSweeper(loop, settings, open, load);
        this.streamsPerConnection = mayMultiplex ? 0 : 1;
    }

    /**
     * What one pool of one loop may have.
     *
     * @param maxConnections most connections
     * @param maxPending most exchanges that wait, besides those for which a connection can be opened
     * @param keepAlive most idle connections, but for a short time; or {@link Sizing#BY_LOAD}
     */
    record Limits(int maxConnections, int maxPending, int keepAlive) {}

    LoopExecutor loop() {
        return loop;
    }

    /** Gives the exchange a connection with room, or lets it wait for one, or fails it. */
    void acquire(WaitQueue.Waiter exchange) {
        PooledConnection connection = waiters.isEmpty() ? open.take() : null;
        if (connection != null) {
            boolean last = connection.isMultiplexed() && connection.streams() > connection.usable();
            exchange.onConnection(connection);
            if (last) {
                openMissing();
            }
            return;
        }
        // those for whom a connection can still be opened take no waiting place
        long opening = (long) Math.max(0, limits.maxConnections - open.counted()) * Math.max(1, streamsPerConnection);
        if (waiters.size() >= limits.maxPending + opening) {
            exchange.onNoConnection(TransportFailures.queueFull(settings.maxPending));
            return;
        }
        waiters.add(exchange);
        openMissing();
    }

    /** Whether a connection is being opened; for any thread. */
    boolean isConnecting() {
        return pending.count() > 0;
    }

    /** Takes an exchange out of the queue. */
    void cancel(WaitQueue.Waiter exchange) {
        waiters.remove(exchange);
    }

    /** An exchange has left the connection in good order. */
    void release(PooledConnection connection) {
        open.release(connection);
        serveWaitingLater();
    }

    /** An exchange has left the connection in a state that no other can use. */
    void abandon(PooledConnection connection) {
        open.abandon(connection);
        serveWaitingLater();
    }

    /**
     * On HTTP/2, Vert.x counts the stream until it has handled the whole frame that ended it; on HTTP/1.1, what follows
     * the response, such as the end of the connection, must have been read before the next request.
     */
    private void serveWaitingLater() {
        if (!waiters.isEmpty()) {
            serveLater();
        }
    }

    /** Lets the connection take no further exchange, and closes it once nobody uses it. */
    void retire(PooledConnection connection) {
        open.retire(connection);
    }

    /**
     * The server ended an unused connection while a request was on its way to it. One that restarts ends the others too
     * as they come to rest, so a replay would meet the next of them: it shall have a new one.
     */
    void distrust() {
        for (PooledConnection connection : open.all()) {
            if (!connection.isMultiplexed()) {
                open.retire(connection);
            }
        }
    }

    /** What connections were opened with is not to be used any more: they finish what they carry. */
    void renew() {
        open.all().forEach(open::retire);
        pending.restart();
    }

    @Override
    public void onFewer() {
        openMissing();
    }

    @Override
    public void onRoom(PooledConnection connection) {
        expect(connection.usable());
        serveLater();
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
            PooledConnection connection = open.take();
            if (connection == null) {
                return;
            }
            waiters.first().onConnection(connection);
        }
    }

    /**
     * Opens connections for those that wait, and on HTTP/2 a further one before all are full; no more at a time than a
     * server takes well, which are the more, the more it has taken.
     */
    private void openMissing() {
        if (serveScheduled || isAheadTooSoon()) {
            // a connection has room, perhaps for all that wait: what is missing then is opened after it is used
            return;
        }
        while (!loop.isClosed()
                && open.counted() + pending.count() < limits.maxConnections
                && pending.count() < Math.max(MAX_HANDSHAKES, open.counted())
                && waiters.size() > open.spare() + (long) pending.count() * perConnection()
                && (streamsPerConnection > 0 || pending.count() == 0)) {
            pending.open(this);
        }
    }

    /** A server may take so many connections and no more: it is not to be tried for every exchange. */
    private boolean isAheadTooSoon() {
        return failedLast && waiters.isEmpty() && settings.time.nanoTime() - failedAtNanos < AHEAD_PAUSE_NANOS;
    }

    private int perConnection() {
        return streamsPerConnection > 0 ? streamsPerConnection : EXPECTED_STREAMS;
    }

    private void expect(int streams) {
        streamsPerConnection = Math.max(1, streams);
        load.carries(streamsPerConnection);
    }

    @Override
    public void connected(HttpClientConnection opened, Channel socket) {
        long retireAt = settings.time.nanoTime() + settings.jitteredMaxAge();
        PooledConnection connection =
                new PooledConnection(opened, socket, settings.responseHeaders, settings.time, retireAt);
        failedLast = false;
        expect(connection.usable());
        open.add(connection, allowance);
        names.opened(connection);
        sweeper.start();
        // not now, for what has come with the end of the handshake is still being read
        serveLater();
    }

    /** Those that counted on the connection fail, the others get another one. */
    @Override
    public void connectFailed(TransportFailure failure) {
        failedLast = true;
        failedAtNanos = settings.time.nanoTime();
        long covered = (long) pending.count() * perConnection();
        for (long victims = Math.min(countingOnOne(), waiters.size() - covered); victims > 0; victims--) {
            waiters.first().onNoConnection(failure);
        }
        openMissing();
    }

    /**
     * How many counted on a connection that could not be opened: besides those that it would have carried, where none
     * is open, those for which no other was begun only because so many were being opened already.
     */
    private long countingOnOne() {
        int each = perConnection();
        if (open.counted() > 0 || streamsPerConnection == 0) {
            return each;
        }
        long unpaced = Math.min(limits.maxConnections, (waiters.size() + each - 1L) / each);
        return each * Math.max(1, unpaced - pending.count());
    }

    /** Fails those that wait, opens nothing more, and closes the connections, which fails those that run. */
    void close() {
        pending.close();
        waiters.fail(TransportFailures.closed());
        open.all().forEach(open::discard);
    }
}
