package dev.kimi.transport.vertx;

import dev.kimi.time.Timer;
import dev.kimi.transport.TransportFailure;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The exchanges that wait for a connection, in order of arrival. All wait equally long at most, so one timeout for the
 * first of them is enough. Belongs to its loop's thread.
 */
final class WaitQueue {

    private final TransportLoop loop;
    private final OriginPool pool;
    private final LinkedHashSet<VertxExchange> waiters = new LinkedHashSet<>();
    private Timer.@Nullable Timeout timeout;

    WaitQueue(TransportLoop loop, OriginPool pool) {
        this.loop = loop;
        this.pool = pool;
    }

    int size() {
        return waiters.size();
    }

    boolean isEmpty() {
        return waiters.isEmpty();
    }

    void add(VertxExchange exchange) {
        exchange.waitIn(pool, loop.settings.time.nanoTime() + loop.settings.poolWaitNanos);
        waiters.add(exchange);
        loop.pending.lazySet(loop.pending.get() + 1);
        if (timeout == null) {
            timeout = loop.schedule(loop.settings.poolWaitNanos, due -> expire());
        }
    }

    /** Takes the exchange out, wherever it stands. */
    void remove(VertxExchange exchange) {
        if (waiters.remove(exchange)) {
            loop.pending.lazySet(loop.pending.get() - 1);
            if (waiters.isEmpty()) {
                stopTimeout();
            }
        }
    }

    private void stopTimeout() {
        if (timeout != null) {
            timeout.cancel();
            timeout = null;
        }
    }

    /** Takes the one out that has waited longest; there must be one. */
    VertxExchange first() {
        VertxExchange first = waiters.iterator().next();
        remove(first);
        return first;
    }

    /** Fails all of them. */
    void fail(TransportFailure failure) {
        for (VertxExchange waiter : List.copyOf(waiters)) {
            remove(waiter);
            waiter.fail(failure);
        }
    }

    private void expire() {
        // when this was on its way while all left and others came, they have set one of their own
        stopTimeout();
        long now = loop.settings.time.nanoTime();
        while (!waiters.isEmpty()) {
            long left = waiters.iterator().next().waitUntil() - now;
            if (left > 0) {
                timeout = loop.schedule(left, due -> expire());
                return;
            }
            first().fail(new TransportFailure(TransportFailure.Kind.POOL_TIMEOUT, true, null));
        }
    }
}
