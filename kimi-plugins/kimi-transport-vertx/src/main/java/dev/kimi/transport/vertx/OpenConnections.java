package dev.kimi.transport.vertx;

import dev.kimi.time.TimeSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of one loop to one origin, and which of them carries the next exchange: the most recently used
 * with room, so that the others fall idle and can be closed, and so that HTTP/2 fills a connection before another is
 * opened. Belongs to its loop's thread.
 */
final class OpenConnections implements PooledConnection.Listener {

    private final LoopCounters counters;
    private final int max;
    private final Listener listener;
    private final ServerIdleTime serverIdleTime;
    private final ArrayList<PooledConnection> all = new ArrayList<>();
    private final ArrayDeque<PooledConnection> available = new ArrayDeque<>();
    /** Connections of HTTP/2 that take no further exchange and are not closed yet. */
    private int draining;

    /** @param max most connections there may be, but for those that drain */
    OpenConnections(TimeSource time, LoopCounters counters, int max, Listener listener) {
        this.counters = counters;
        this.max = max;
        this.listener = listener;
        this.serverIdleTime = new ServerIdleTime(time);
    }

    /** Is notified of what lets further exchanges begin. */
    interface Listener {

        /** There are fewer connections, or fewer that take exchanges, so that another may be opened. */
        void onFewer();

        /** A connection takes further exchanges, though none has left it. */
        void onRoom();
    }

    /**
     * How many count towards the most there may be. One of HTTP/2 that only finishes what it carries does not, or a
     * service that restarts often would leave no room for new ones; as many as there may be at most.
     */
    int counted() {
        return all.size() - Math.min(draining, max);
    }

    /** All of them now; a copy. */
    List<PooledConnection> all() {
        return List.copyOf(all);
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /** A connection has been opened. */
    void add(PooledConnection connection, Http2Windows.Allowance allowance) {
        all.add(connection);
        counters.openConnections.increment();
        connection.start(allowance, this);
        offer(connection);
    }

    /** The connection that is to carry the next exchange, counted in; null if none has room. */
    @Nullable PooledConnection take() {
        while (true) {
            PooledConnection first = available.peekFirst();
            if (first == null) {
                return null;
            }
            if (serverIdleTime.isOver(first) || !first.isStillOpen()) {
                discard(first);
                continue;
            }
            boolean room = first.hasRoom();
            if (room) {
                enter(first);
            }
            if (!room || !first.hasRoom()) {
                available.pollFirst();
                first.list(false);
            }
            if (room) {
                return first;
            }
        }
    }

    private void enter(PooledConnection connection) {
        counters.runningExchanges.increment();
        connection.enter();
        if (connection.streams() == 1) {
            counters.busyConnections.increment();
        }
    }

    private void leave(PooledConnection connection) {
        counters.runningExchanges.decrement();
        connection.leave();
        if (!connection.isInUse() && !connection.isClosed()) {
            counters.busyConnections.decrement();
        }
    }

    /** An exchange has left the connection in good order. */
    void release(PooledConnection connection) {
        leave(connection);
        if (connection.isRetired() && !connection.isInUse()) {
            discard(connection);
        } else {
            offer(connection);
        }
    }

    /** An exchange has left the connection in a state that no other can use. */
    void abandon(PooledConnection connection) {
        if (connection.isMultiplexed()) {
            release(connection);
        } else {
            leave(connection);
            discard(connection);
        }
    }

    private void offer(PooledConnection connection) {
        if (!connection.isListed() && connection.hasRoom()) {
            connection.list(true);
            available.addFirst(connection);
        }
    }

    /** Lets the connection take no further exchange, and closes it once nobody uses it. */
    void retire(PooledConnection connection) {
        if (!connection.isRetired() && !connection.isClosed()) {
            connection.retire();
            if (connection.isMultiplexed()) {
                draining++;
            }
        }
        if (connection.isInUse()) {
            listener.onFewer();
        } else {
            discard(connection);
        }
    }

    /** Closes the connection and forgets it. */
    void discard(PooledConnection connection) {
        boolean wasOpen = !connection.isClosed();
        forget(connection);
        if (wasOpen) {
            connection.close();
        }
    }

    private void forget(PooledConnection connection) {
        if (connection.isClosed()) {
            return;
        }
        connection.markClosed();
        all.remove(connection);
        if (connection.isRetired() && connection.isMultiplexed()) {
            draining--;
        }
        if (connection.isListed()) {
            available.remove(connection);
            connection.list(false);
        }
        counters.openConnections.decrement();
        if (connection.isInUse()) {
            counters.busyConnections.decrement();
        }
        listener.onFewer();
    }

    /** The peer of a connection that was under suspicion has shown that it lives. */
    void restore(PooledConnection connection) {
        capacityChanged(connection);
    }

    @Override
    public void capacityChanged(PooledConnection connection) {
        offer(connection);
        listener.onRoom();
    }

    @Override
    public void leaving(PooledConnection connection) {
        retire(connection);
    }

    @Override
    public void closedByPeer(PooledConnection connection) {
        if (!connection.isClosed() && !connection.isInUse()) {
            serverIdleTime.closed(connection);
        }
        forget(connection);
    }
}
