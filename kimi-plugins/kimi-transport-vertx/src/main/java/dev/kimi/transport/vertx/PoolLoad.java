package dev.kimi.transport.vertx;

import dev.kimi.time.TimeSource;

/**
 * How many exchanges a pool has on its connections on average, which is their rate times their latency (Little's law),
 * and what that calls for: {@code ceil(1.3 * L / S)} connections, S exchanges on each, and idle ones for the times when
 * there are more than on average. Rises at once and falls by half in a minute. Belongs to its loop's thread.
 */
final class PoolLoad {

    private static final double HEADROOM = 1.3;
    private static final double KEPT_SHARE = 0.2;
    /** In standard deviations of exchanges that come independently of each other, of which there are sqrt(L). */
    private static final double KEPT_SPREAD = 4;

    private static final double HALF_LIFE_NANOS = 60e9;
    /** Less would be the exchanges of a moment and no average. */
    private static final long MIN_PERIOD_NANOS = 1_000_000_000L;

    private final TimeSource time;
    private final LoopCounters counters;
    private final int max;
    private final int fixedKeepAlive;
    private int perConnection = 1;

    private int running;
    private long changedAtNanos;
    private long periodBeganNanos;
    /** What has run since the period began: exchanges times nanoseconds. */
    private double exchangeNanos;

    private double average;
    private int needed;
    private int keepAlive;

    /**
     * @param max most connections of the pool
     * @param keepAlive how many of them are kept when idle, or {@link Sizing#BY_LOAD}
     */
    PoolLoad(TimeSource time, LoopCounters counters, int max, int keepAlive) {
        this.time = time;
        this.counters = counters;
        this.max = max;
        this.fixedKeepAlive = keepAlive;
        begin();
        publish();
    }

    /** How many idle connections are kept besides those needed, for {@code load} exchanges on average. */
    static int keepAlive(int needed, double load, int perConnection) {
        double spread = KEPT_SPREAD * Math.sqrt(Math.max(1, load)) / perConnection;
        return (int) Math.ceil(Math.max(KEPT_SHARE * needed, spread));
    }

    /** A connection is used for so many exchanges at a time. */
    void carries(int exchanges) {
        perConnection = exchanges;
    }

    /** An exchange has begun on a connection. */
    void enter() {
        advance();
        running++;
    }

    /** An exchange has left its connection. */
    void leave() {
        advance();
        running--;
    }

    private void advance() {
        long now = time.nanoTime();
        exchangeNanos += (double) running * (now - changedAtNanos);
        changedAtNanos = now;
    }

    /** Begins to measure: nothing before counts. */
    void begin() {
        changedAtNanos = time.nanoTime();
        periodBeganNanos = changedAtNanos;
        exchangeNanos = 0;
    }

    /** Takes what has run since the last time into account. */
    void measure() {
        advance();
        long period = changedAtNanos - periodBeganNanos;
        if (period >= MIN_PERIOD_NANOS) {
            average = Math.max(exchangeNanos / period, average * Math.pow(0.5, period / HALF_LIFE_NANOS));
            begin();
        }
        publish();
    }

    /** There is no connection left, and the load is as if there had never been any. */
    void forget() {
        average = 0;
        publish();
    }

    private void publish() {
        int neededBefore = needed;
        int keptBefore = keepAlive;
        needed = (int) Math.min(max, Math.ceil(HEADROOM * average / perConnection));
        keepAlive = fixedKeepAlive == Sizing.BY_LOAD
                ? Math.min(max, keepAlive(needed, average, perConnection))
                : fixedKeepAlive;
        counters.neededConnections.add(needed - neededBefore);
        counters.keptConnections.add(keepAlive - keptBefore);
    }

    /**
     * How many idle connections are kept.
     *
     * @param busy how many are not idle
     */
    int kept(int busy) {
        return fixedKeepAlive == Sizing.BY_LOAD ? Math.max(keepAlive, needed - busy) : keepAlive;
    }

    /** How many connections are open at most when no exchange waits. */
    int enough() {
        return needed + keepAlive;
    }
}
