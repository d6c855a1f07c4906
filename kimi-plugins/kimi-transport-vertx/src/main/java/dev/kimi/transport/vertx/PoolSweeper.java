package dev.kimi.transport.vertx;

import dev.kimi.time.TimeSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks after the open connections now and then: closes those that are idle for too long or are too many, retires those
 * that are too old or more than the load calls for, and checks whether those that have been silent for long under load
 * still live. Belongs to its loop's thread.
 */
final class PoolSweeper {

    private static final long MAX_PERIOD_NANOS = 5_000_000_000L;
    /** How long a connection beyond those kept alive may be unused before it is closed. */
    private static final long SURPLUS_NANOS = 1_000_000_000L;

    private final LoopExecutor loop;
    private final TimeSource time;
    private final OpenConnections connections;
    private final PoolLoad load;
    private final long idleNanos;
    private final long periodNanos;
    private boolean scheduled;

    PoolSweeper(LoopExecutor loop, VertxSettings settings, OpenConnections connections, PoolLoad load) {
        this.loop = loop;
        this.time = settings.time;
        this.connections = connections;
        this.load = load;
        this.idleNanos = settings.idleNanos;
        this.periodNanos = Math.min(MAX_PERIOD_NANOS, Math.min(settings.idleNanos, settings.maxAgeNanos) / 8);
    }

    /** Goes on as long as there are connections. */
    void start() {
        if (!scheduled) {
            load.begin();
            schedule();
        }
    }

    private void schedule() {
        scheduled = true;
        loop.housekeeping(periodNanos, this::sweep);
    }

    private void sweep() {
        scheduled = false;
        long now = time.nanoTime();
        List<PooledConnection> idle = new ArrayList<>();
        for (PooledConnection connection : connections.all()) {
            boolean old = connection.isOld(now);
            if (connection.isInUse()) {
                if (old) {
                    connections.retire(connection);
                }
                checkLife(connection, now);
            } else if (old || connection.idleNanos(now) >= idleNanos) {
                connections.discard(connection);
            } else {
                if (connection.isOwing()) {
                    // or calls that are soon cancelled would follow each other on a dead connection endlessly
                    checkLife(connection, now);
                }
                idle.add(connection);
            }
        }
        load.measure();
        closeSurplus(idle, now);
        connections.retireBeyond(load.enough());
        if (connections.all().isEmpty()) {
            load.forget();
        } else {
            schedule();
        }
    }

    private void closeSurplus(List<PooledConnection> idle, long now) {
        int kept = load.kept(connections.counted() - idle.size());
        if (idle.size() <= kept) {
            return;
        }
        idle.sort((one, other) -> Long.compare(other.idleNanos(now), one.idleNanos(now)));
        for (PooledConnection connection : idle.subList(0, idle.size() - kept)) {
            if (connection.idleNanos(now) >= SURPLUS_NANOS) {
                connections.discard(connection);
            }
        }
    }

    private void checkLife(PooledConnection connection, long now) {
        switch (connection.checkLife(now)) {
            case PING -> connection.ping(now, () -> connections.restore(connection));
            case CLOSE -> connections.discard(connection);
            case NOTHING -> {
                // it is heard, or has some time left
            }
        }
    }
}
