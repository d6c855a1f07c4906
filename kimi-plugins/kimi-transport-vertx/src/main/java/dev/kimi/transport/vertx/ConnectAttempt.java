package dev.kimi.transport.vertx;

import dev.kimi.time.Timer;
import dev.kimi.transport.TransportFailure;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Opens one connection to a name that may have several addresses: the next address is tried as soon as one fails, and
 * beside it when one has not answered for a quarter of a second (RFC 8305). The first to answer wins, and however the
 * attempt ends, all other sockets are closed with it. Belongs to its loop's thread.
 */
final class ConnectAttempt {

    private static final long NEXT_ADDRESS_NANOS = 250_000_000;

    private final TransportLoop loop;
    private final Openings openings;
    private final Origin origin;
    private final Addresses known;
    private final List<Dialing> dialings = new ArrayList<>(2);
    private List<InetAddress> addresses = List.of();
    private int next;
    private boolean over;
    private Timer.@Nullable Timeout limit;
    private Timer.@Nullable Timeout stagger;
    private @Nullable TransportFailure firstFailure;

    ConnectAttempt(TransportLoop loop, Openings openings, Origin origin, Addresses known) {
        this.loop = loop;
        this.openings = openings;
        this.origin = origin;
        this.known = known;
    }

    void start() {
        limit = loop.schedule(
                loop.settings.connectNanos,
                due -> fail(new TransportFailure(TransportFailure.Kind.CONNECT_TIMEOUT, true, null)));
        loop.connector.resolve(origin.host()).onComplete((found, failure) -> {
            if (failure == null && !found.isEmpty()) {
                known.resolved(found);
            }
            addresses = known.inOrder();
            if (addresses.isEmpty()) {
                fail(Failures.resolving(failure));
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
        Dialing dialing = new Dialing(address, origin.port());
        dialings.add(dialing);
        loop.connector.connect(origin, dialing).onComplete((connection, failure) -> {
            if (over) {
                return;
            }
            dialings.removeIf(other -> other == dialing);
            if (failure == null) {
                end();
                openings.succeeded(this, connection, dialing.socket());
            } else {
                failed(address, failure);
            }
        });
        if (next < addresses.size()) {
            stagger = loop.schedule(NEXT_ADDRESS_NANOS, due -> {
                if (!over) {
                    known.suspect(address);
                    tryNext();
                }
            });
        }
    }

    private void failed(InetAddress address, Throwable cause) {
        known.suspect(address);
        if (firstFailure == null) {
            firstFailure = Failures.connecting(cause);
        }
        if (next < addresses.size()) {
            cancel(stagger);
            tryNext();
        } else if (dialings.isEmpty()) {
            fail(firstFailure);
        }
    }

    private void fail(TransportFailure failure) {
        if (!over) {
            end();
            openings.failed(this, failure);
        }
    }

    /** Ends it without telling anybody. */
    void end() {
        over = true;
        cancel(limit);
        cancel(stagger);
        dialings.forEach(Dialing::giveUp);
    }

    private static void cancel(Timer.@Nullable Timeout timeout) {
        if (timeout != null) {
            timeout.cancel();
        }
    }
}
