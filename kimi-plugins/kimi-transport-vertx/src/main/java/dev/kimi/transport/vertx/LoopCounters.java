package dev.kimi.transport.vertx;

import java.util.concurrent.atomic.AtomicInteger;

/** What one event loop has under way. Written by its thread and read by any, but for {@link #assigned}. */
final class LoopCounters {

    /** Exchanges that were given to the loop and are not over; unlike the others written by any thread. */
    final AtomicInteger assigned = new AtomicInteger();

    final Counter openConnections = new Counter();
    /** Connections with at least one exchange. */
    final Counter busyConnections = new Counter();
    /** Exchanges that wait for a connection. */
    final Counter pendingExchanges = new Counter();
    /** Exchanges that are on a connection. */
    final Counter runningExchanges = new Counter();

    /** Connections that the load calls for. */
    final Counter neededConnections = new Counter();
    /** Most idle connections that are kept. */
    final Counter keptConnections = new Counter();

    /** A number that one thread changes, without a fence for each change. */
    static final class Counter {

        private final AtomicInteger value = new AtomicInteger();

        private Counter() {}

        void increment() {
            add(1);
        }

        void decrement() {
            add(-1);
        }

        void add(int difference) {
            value.lazySet(value.get() + difference);
        }

        int get() {
            return value.get();
        }
    }
}
