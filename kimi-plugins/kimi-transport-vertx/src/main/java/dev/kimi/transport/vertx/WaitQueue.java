package dev.kimi.transport.vertx;

import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import dev.kimi.transport.TransportFailure;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The exchanges that wait for a connection, in order of arrival. All wait equally long at most, so one timeout for the
 * first of them is enough. Belongs to its loop's thread.
 */
final class WaitQueue {

    private final LoopExecutor loop;
    private final TimeSource time;
    private final LoopCounters.Counter size;
    private final long maxWaitNanos;
    /** With the time at which their wait ends. */
    private final LinkedHashMap<Waiter, Long> waiters = new LinkedHashMap<>();

    private Timer.@Nullable Timeout timeout;

    /** @param size counts those that wait */
    WaitQueue(LoopExecutor loop, TimeSource time, LoopCounters.Counter size, long maxWaitNanos) {
        this.loop = loop;
        this.time = time;
        this.size = size;
        this.maxWaitNanos = maxWaitNanos;
    }

    /** What wants a connection. */
    interface Waiter {

        /** It has been queued. */
        void onQueued();

        /** It is counted in on the connection, and not queued any more. */
        void onConnection(PooledConnection connection);

        /** It gets no connection, and is not queued any more. */
        void onNoConnection(TransportFailure failure);
    }

    int size() {
        return waiters.size();
    }

    boolean isEmpty() {
        return waiters.isEmpty();
    }

    void add(Waiter waiter) {
        waiter.onQueued();
        waiters.put(waiter, time.nanoTime() + maxWaitNanos);
        size.increment();
        if (timeout == null) {
            timeout = loop.schedule(maxWaitNanos, due -> expire());
        }
    }

    /** Takes the exchange out, wherever it stands. */
    void remove(Waiter waiter) {
        if (waiters.remove(waiter) != null) {
            size.decrement();
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
    Waiter first() {
        Waiter first = waiters.keySet().iterator().next();
        remove(first);
        return first;
    }

    /** Fails all of them. */
    void fail(TransportFailure failure) {
        for (Waiter waiter : List.copyOf(waiters.keySet())) {
            remove(waiter);
            waiter.onNoConnection(failure);
        }
    }

    private void expire() {
        // when this was on its way while all left and others came, they have set one of their own
        stopTimeout();
        long now = time.nanoTime();
        while (!waiters.isEmpty()) {
            long left = waiters.values().iterator().next() - now;
            if (left > 0) {
                timeout = loop.schedule(left, due -> expire());
                return;
            }
            first().onNoConnection(TransportFailure.of(TransportFailure.Kind.POOL_TIMEOUT, true, null));
        }
    }
}
