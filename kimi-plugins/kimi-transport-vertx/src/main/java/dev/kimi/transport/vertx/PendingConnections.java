package dev.kimi.transport.vertx;

import dev.kimi.time.Timer;
import dev.kimi.transport.TransportFailure;
import io.netty.channel.Channel;
import io.vertx.core.http.HttpClientConnection;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one loop to one origin that are being opened. Belongs to its loop's thread but for {@link #count}.
 *
 * <p>A name may have several addresses: the next address is tried as soon as one fails, and beside it when one has not
 * responded for a quarter of a second (RFC 8305). The first to respond wins, and however that ends, all other sockets
 * are closed with it.
 */
final class PendingConnections {

    private static final long NEXT_ADDRESS_NANOS = 250_000_000;

    private final Route route;
    private final Connector connector;
    private final Addresses addresses;
    private final LoopExecutor loop;
    private final long connectNanos;
    private final Set<Attempt> attempts = new HashSet<>();
    /** Written by the loop's thread, read by any. */
    private volatile int count;

    /** @param connectNanos longest time from the name to a connection that speaks HTTP */
    PendingConnections(Route route, Connector connector, Addresses addresses, LoopExecutor loop, long connectNanos) {
        this.route = route;
        this.connector = connector;
        this.addresses = addresses;
        this.loop = loop;
        this.connectNanos = connectNanos;
    }

    /** How many there are; for any thread. */
    int count() {
        return count;
    }

    Addresses addresses() {
        return addresses;
    }

    /** Begins to open a further one. */
    void open(Listener listener) {
        Attempt attempt = new Attempt(listener);
        attempts.add(attempt);
        count = attempts.size();
        attempt.start();
    }

    /** Begins all of them anew, as what they have begun with is not to be used any more. */
    void restart() {
        List.copyOf(attempts).forEach(Attempt::restart);
    }

    /** Cancels all of them without a word to their listeners. */
    void close() {
        attempts.forEach(Attempt::end);
        attempts.clear();
        count = 0;
    }

    /** Is notified of how each connection that was begun to be opened ends, when it counts no longer. */
    interface Listener {

        void connected(HttpClientConnection opened, Channel socket);

        void connectFailed(TransportFailure failure);
    }

    /** One connection that is being opened. */
    private final class Attempt {

        private final Listener listener;
        private final List<Sockets.Pending> sockets = new ArrayList<>(2);
        private List<InetAddress> candidates = List.of();
        private int next;
        private boolean over;
        private Timer.@Nullable Timeout limit;
        private Timer.@Nullable Timeout stagger;
        private @Nullable TransportFailure firstFailure;

        Attempt(Listener listener) {
            this.listener = listener;
        }

        void start() {
            limit = loop.schedule(connectNanos, due -> fail(TransportFailures.connectTimeout(route)));
            addresses.find((found, failure) -> {
                candidates = found;
                if (found.isEmpty()) {
                    fail(TransportFailures.resolving(failure, route));
                } else {
                    tryNext();
                }
            });
        }

        void restart() {
            cancel(stagger);
            List<Sockets.Pending> begun = List.copyOf(sockets);
            sockets.clear();
            begun.forEach(Sockets.Pending::cancel);
            firstFailure = null;
            next = 0;
            tryNext();
        }

        private void tryNext() {
            if (over || next == candidates.size()) {
                return;
            }
            InetAddress address = candidates.get(next++);
            Sockets.Pending socket = new Sockets.Pending(address, route);
            sockets.add(socket);
            connector.connect(route.origin(), socket).onComplete((connection, failure) -> {
                // not among them: cancelled, for another has won or all begin anew
                if (over || !sockets.removeIf(other -> other == socket)) {
                    return;
                }
                if (failure == null) {
                    end();
                    remove();
                    listener.connected(connection, socket.socket());
                } else {
                    failed(address, failure);
                }
            });
            if (next < candidates.size()) {
                stagger = loop.schedule(NEXT_ADDRESS_NANOS, due -> {
                    if (!over) {
                        addresses.suspect(address);
                        tryNext();
                    }
                });
            }
        }

        private void failed(InetAddress address, Throwable cause) {
            addresses.suspect(address);
            if (firstFailure == null) {
                firstFailure = TransportFailures.connecting(cause, route);
            }
            if (next < candidates.size()) {
                cancel(stagger);
                tryNext();
            } else if (sockets.isEmpty()) {
                fail(firstFailure);
            }
        }

        private void fail(TransportFailure failure) {
            if (!over) {
                end();
                remove();
                listener.connectFailed(failure);
            }
        }

        private void remove() {
            attempts.remove(this);
            count = attempts.size();
        }

        void end() {
            over = true;
            cancel(limit);
            cancel(stagger);
            sockets.forEach(Sockets.Pending::cancel);
        }

        private static void cancel(Timer.@Nullable Timeout timeout) {
            if (timeout != null) {
                timeout.cancel();
            }
        }
    }
}
