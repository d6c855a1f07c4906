package dev.kimi.transport.vertx;

import dev.kimi.time.Timer;
import dev.kimi.transport.TransportFailure;
import io.vertx.core.http.HttpClientConnection;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Opens one connection to a name that may have several addresses: the next address is tried as soon as one fails, and
 * beside it when one has not answered for a quarter of a second (RFC 8305). The first to answer wins, the others are
 * closed. Belongs to its loop's thread.
 */
final class ConnectAttempt {

    private static final long NEXT_ADDRESS_NANOS = 250_000_000;

    private final TransportLoop loop;
    private final OriginPool pool;
    private final Origin origin;
    private List<InetAddress> addresses = List.of();
    private int next;
    private int running;
    private boolean over;
    private Timer.@Nullable Timeout limit;
    private Timer.@Nullable Timeout stagger;
    private @Nullable TransportFailure firstFailure;

    ConnectAttempt(TransportLoop loop, OriginPool pool, Origin origin) {
        this.loop = loop;
        this.pool = pool;
        this.origin = origin;
    }

    void start() {
        limit = loop.schedule(
                loop.settings.connectNanos,
                due -> fail(new TransportFailure(TransportFailure.Kind.CONNECT_TIMEOUT, true, null)));
        loop.connector.resolve(origin.host()).onComplete((found, failure) -> {
            if (failure == null && !found.isEmpty()) {
                pool.resolved(found);
            }
            addresses = pool.addresses();
            if (addresses.isEmpty()) {
                fail(new TransportFailure(TransportFailure.Kind.CONNECT, true, failure));
            } else {
                tryNext();
            }
        });
    }

    private void tryNext() {
        if (over || next == addresses.size()) {
            return;
        }
        InetAddress address = addresses.get(next++);
        running++;
        loop.connector.connect(origin, address).onComplete((connection, failure) -> {
            running--;
            if (failure == null) {
                opened(connection);
            } else {
                failed(address, failure);
            }
        });
        if (next < addresses.size()) {
            stagger = loop.schedule(NEXT_ADDRESS_NANOS, due -> {
                pool.suspect(address);
                tryNext();
            });
        }
    }

    private void opened(HttpClientConnection connection) {
        if (over) {
            connection.close();
            return;
        }
        end();
        pool.connected(connection);
    }

    private void failed(InetAddress address, Throwable cause) {
        if (over) {
            return;
        }
        pool.suspect(address);
        if (firstFailure == null) {
            firstFailure = Failures.connecting(cause);
        }
        if (next < addresses.size()) {
            cancel(stagger);
            tryNext();
        } else if (running == 0) {
            fail(firstFailure);
        }
    }

    private void fail(TransportFailure failure) {
        if (!over) {
            end();
            pool.connectFailed(failure);
        }
    }

    private void end() {
        over = true;
        cancel(limit);
        cancel(stagger);
    }

    private static void cancel(Timer.@Nullable Timeout timeout) {
        if (timeout != null) {
            timeout.cancel();
        }
    }
}
