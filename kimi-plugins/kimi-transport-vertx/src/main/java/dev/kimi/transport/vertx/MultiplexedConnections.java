package dev.kimi.transport.vertx;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The open HTTP/2 connections of a pool, and which of them carries the next exchange: the one with the fewest. Belongs
 * to its loop's thread.
 */
final class MultiplexedConnections {

    private final List<PooledConnection> connections = new ArrayList<>();

    void add(PooledConnection connection) {
        connections.add(connection);
    }

    void remove(PooledConnection connection) {
        connections.remove(connection);
    }

    /** The one with the fewest exchanges that has room; the oldest of several, so that the others may fall idle. */
    @Nullable PooledConnection leastBusy() {
        PooledConnection least = null;
        for (int i = 0; i < connections.size(); i++) {
            PooledConnection connection = connections.get(i);
            if (connection.hasRoom() && (least == null || connection.streams() < least.streams())) {
                least = connection;
            }
        }
        return least;
    }

    /**
     * How many further exchanges they carry before another connection should be opened; negative when that is overdue.
     */
    int spare() {
        int spare = 0;
        for (int i = 0; i < connections.size(); i++) {
            PooledConnection connection = connections.get(i);
            if (connection.takesExchanges()) {
                spare += connection.usable() - connection.streams();
            }
        }
        return spare;
    }

    /** One that can be left, as there are more than enough and the others can carry what it carries; null if none. */
    @Nullable PooledConnection surplus(int enough) {
        int count = 0;
        PooledConnection least = null;
        for (PooledConnection connection : connections) {
            if (connection.takesExchanges()) {
                count++;
                if (least == null || connection.streams() <= least.streams()) {
                    least = connection;
                }
            }
        }
        return least != null && count > enough && spare() >= least.usable() ? least : null;
    }
}
