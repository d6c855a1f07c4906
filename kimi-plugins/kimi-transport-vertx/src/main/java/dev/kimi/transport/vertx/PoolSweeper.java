package dev.kimi.transport.vertx;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks after a pool's connections now and then: closes those that are idle for too long or are too many, retires
 * those that are too old, and asks those that have been silent for long under load whether they still live. Belongs to
 * its loop's thread.
 */
final class PoolSweeper {

    private static final long LONGEST_PERIOD_NANOS = 5_000_000_000L;
    /** How long a connection beyond those kept alive may be unused before it is closed. */
    private static final long SURPLUS_NANOS = 1_000_000_000L;

    private static final long SILENCE_NANOS = 20_000_000_000L;
    private static final long PING_NANOS = 10_000_000_000L;

    private final TransportLoop loop;
    private final OriginPool pool;
    private final int keepAlive;
    private boolean scheduled;

    PoolSweeper(TransportLoop loop, OriginPool pool) {
        this.loop = loop;
        this.pool = pool;
        this.keepAlive = loop.share(loop.settings.keepAlive);
    }

    /** Goes on as long as there are connections. */
    void schedule() {
        if (scheduled) {
            return;
        }
        scheduled = true;
        VertxSettings settings = loop.settings;
        long period = Math.min(LONGEST_PERIOD_NANOS, Math.min(settings.idleNanos, settings.maxAgeNanos) / 8);
        loop.housekeeping(period, this::sweep);
    }

    private void sweep() {
        scheduled = false;
        long now = loop.settings.time.nanoTime();
        List<PooledConnection> idle = new ArrayList<>();
        for (PooledConnection connection : pool.connections()) {
            boolean old = now - connection.retireAtNanos >= 0;
            if (connection.streams > 0) {
                if (old) {
                    pool.retire(connection);
                }
                checkLife(connection, now);
            } else if (old || now - connection.idleSinceNanos >= loop.settings.idleNanos) {
                pool.discard(connection);
            } else {
                if (connection.owing) {
                    // or calls that give up early would follow each other on a dead connection for ever
                    checkLife(connection, now);
                }
                idle.add(connection);
            }
        }
        closeSurplus(idle, now);
        if (!pool.connections().isEmpty()) {
            schedule();
        }
    }

    private void closeSurplus(List<PooledConnection> idle, long now) {
        if (idle.size() <= keepAlive) {
            return;
        }
        idle.sort((one, other) -> Long.compare(one.idleSinceNanos - now, other.idleSinceNanos - now));
        for (PooledConnection connection : idle.subList(0, idle.size() - keepAlive)) {
            if (now - connection.idleSinceNanos >= SURPLUS_NANOS) {
                pool.discard(connection);
            }
        }
    }

    /** A peer that has vanished sends no reset, and a model that thinks sends nothing either: HTTP/2 can tell them. */
    private void checkLife(PooledConnection connection, long now) {
        if (!connection.multiplexed) {
            return;
        }
        if (connection.heard) {
            connection.heard = false;
            connection.silentSinceNanos = now;
        } else if (connection.pinging) {
            if (now - connection.pingedAtNanos >= PING_NANOS) {
                connection.unresponsive = true;
                pool.discard(connection);
            }
        } else if (now - connection.silentSinceNanos >= SILENCE_NANOS) {
            connection.pinging = true;
            connection.pingedAtNanos = now;
            connection.connection.ping(Buffer.buffer(8).appendLong(now)).onSuccess(answer -> {
                connection.pinging = false;
                connection.hear();
                pool.restore(connection);
            });
        }
    }
}
