package dev.kimi.transport.vertx;

import java.net.InetAddress;

/**
 * Lets an origin's name be looked up again as long as there are connections to it, and lets those to an address that
 * the name has no longer take no further exchange. Belongs to its loop's thread.
 */
final class NameWatch {

    private static final long PERIOD_NANOS = 500_000_000L;

    private final LoopExecutor loop;
    private final Addresses addresses;
    private final OpenConnections connections;
    private boolean scheduled;

    NameWatch(LoopExecutor loop, Addresses addresses, OpenConnections connections) {
        this.loop = loop;
        this.addresses = addresses;
        this.connections = connections;
        addresses.onChange(this::retireMoved);
    }

    /** A connection has been opened, to an address that may have gone meanwhile. */
    void opened(PooledConnection connection) {
        if (!addresses.isLiteral()) {
            retireIfMoved(connection);
            schedule();
        }
    }

    private void schedule() {
        if (!scheduled) {
            scheduled = true;
            loop.housekeeping(PERIOD_NANOS, this::check);
        }
    }

    private void check() {
        scheduled = false;
        if (!connections.isEmpty()) {
            addresses.refresh();
            schedule();
        }
    }

    private void retireMoved() {
        connections.all().forEach(this::retireIfMoved);
    }

    private void retireIfMoved(PooledConnection connection) {
        InetAddress address = connection.address();
        if (!connection.isRetired() && address != null && !addresses.has(address)) {
            connections.retire(connection);
        }
    }
}
