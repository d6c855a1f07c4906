package dev.kimi.transport.vertx;

import dev.kimi.time.TimeSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of one loop to one origin, and which of them carries the next exchange: on HTTP/2 the one that
 * carries the fewest, on HTTP/1.1 the most recently used, so that the others fall idle and can be closed. Belongs to
 * its loop's thread.
 */
final class OpenConnections implements PooledConnection.Listener {

    private final LoopCounters counters;
    private final PoolLoad load;
    private final int max;
    private final Listener listener;
    private final ServerIdleTime serverIdleTime;
    private final ArrayList<PooledConnection> all = new ArrayList<>();
    private final MultiplexedConnections multiplexed = new MultiplexedConnections();
    /** Those of HTTP/1.1 without an exchange. */
    private final ArrayDeque<PooledConnection> unused = new ArrayDeque<>();
    /** Connections of HTTP/2 that take no further exchange and are not closed yet. */
    private int draining;

    /** @param max most connections there may be, but for those that drain */
    OpenConnections(TimeSource time, LoopCounters counters, PoolLoad load, int max, Listener listener) {
        this.counters = counters;
        this.load = load;
        this.max = max;
        this.listener = listener;
        this.serverIdleTime = new ServerIdleTime(time);
    }

    /** Is notified of what lets further exchanges begin. */
    interface Listener {

        /** There are fewer connections, or fewer that take exchanges, so that another may be opened. */
        void onFewer();

        /** How many exchanges a connection takes has changed, though none has left it. */
        void onRoom(PooledConnection connection);
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
        if (connection.isMultiplexed()) {
            multiplexed.add(connection);
        } else {
            unused.addFirst(connection);
        }
    }

    /** How many further exchanges they carry before another is to be opened; negative when that is overdue. */
    int spare() {
        return multiplexed.spare() + unused.size();
    }

    /** The connection that is to carry the next exchange, counted in; null if none has room. */
    @Nullable PooledConnection take() {
        PooledConnection next = next();
        while (next != null && (serverIdleTime.isOver(next) || !next.isStillOpen())) {
            discard(next);
            next = next();
        }
        if (next != null) {
            enter(next);
        }
        return next;
    }

    private @Nullable PooledConnection next() {
        PooledConnection least = multiplexed.leastBusy();
        return least != null ? least : unused.peekFirst();
    }

    private void enter(PooledConnection connection) {
        counters.runningExchanges.increment();
        load.enter();
        connection.enter();
        if (!connection.isMultiplexed()) {
            unused.remove(connection);
        }
        if (connection.streams() == 1) {
            counters.busyConnections.increment();
        }
    }

    private void leave(PooledConnection connection) {
        counters.runningExchanges.decrement();
        load.leave();
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
        } else if (!connection.isMultiplexed() && !connection.isClosed()) {
            unused.addFirst(connection);
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

    /** Retires connections of HTTP/2 beyond those that are enough, as long as the others can carry what they do. */
    void retireBeyond(int enough) {
        PooledConnection surplus = multiplexed.surplus(enough);
        while (surplus != null) {
            retire(surplus);
            surplus = multiplexed.surplus(enough);
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
        if (connection.isMultiplexed()) {
            multiplexed.remove(connection);
        } else {
            unused.remove(connection);
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
        listener.onRoom(connection);
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
