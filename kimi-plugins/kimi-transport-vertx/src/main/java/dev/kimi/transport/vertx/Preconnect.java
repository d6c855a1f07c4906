package dev.kimi.transport.vertx;

import dev.kimi.transport.TransportFailure;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Takes a connection to an origin as an exchange would, which opens one if there is none, and gives it back unused. */
final class Preconnect implements WaitQueue.Waiter {

    private final URI origin;
    private final TransportLoop loop;
    private final CompletableFuture<Optional<TransportFailure>> over = new CompletableFuture<>();
    private @Nullable OriginPool pool;

    Preconnect(URI origin, TransportLoop loop) {
        this.origin = origin;
        this.loop = loop;
    }

    CompletionStage<Optional<TransportFailure>> begin() {
        if (!loop.executor().execute(begin -> acquire())) {
            onNoConnection(TransportFailures.closed());
        }
        return over;
    }

    private void acquire() {
        if (loop.executor().isClosed()) {
            onNoConnection(TransportFailures.closed());
            return;
        }
        OriginPool found;
        try {
            found = loop.pool(origin);
        } catch (IllegalArgumentException noOrigin) {
            onNoConnection(TransportFailure.of(TransportFailure.Kind.CONNECT, true, noOrigin));
            return;
        }
        pool = found;
        found.acquire(this);
    }

    @Override
    public void onQueued() {
        // it has nobody to notify
    }

    @Override
    public void onConnection(PooledConnection connection) {
        if (pool != null) {
            pool.release(connection);
        }
        over.complete(Optional.empty());
    }

    @Override
    public void onNoConnection(TransportFailure failure) {
        over.complete(Optional.of(failure));
    }
}
