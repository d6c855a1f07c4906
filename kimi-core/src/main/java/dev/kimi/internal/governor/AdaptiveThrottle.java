package dev.kimi.internal.governor;

import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Rejects locally, by chance, a part of what a service that is overloaded or gone would reject anyway: a client that
 * goes on sending all of it keeps the service down. The chance is {@code (requests - K accepts) / (requests + 1)} with
 * K = 2, over the last 120 s, and at most 0.9; one request a second always passes and finds out whether the service is
 * back. After the Google SRE book, "Handling Overload".
 *
 * <p>Everything counts in the second in which it was sent. What has no response yet counts as accepted, so that long
 * streams do not look like rejections and the window need not grow with their length. Below {@value #MIN_REJECTIONS}
 * rejections nothing is concluded. Requests rejected here count as requests, as the formula wants it. Once it is known
 * that the service has recovered, what was before is forgotten. Thread-safe.
 */
public final class AdaptiveThrottle {

    static final int WINDOW_SECONDS = 120;
    static final double MAX_CHANCE = 0.9;
    static final int MIN_REJECTIONS = 20;
    private static final int K = 2;
    private static final long PROBE_NANOS = 1_000_000_000L;

    private final RandomGenerator random;
    private final SecondsWindow requests;
    private final SecondsWindow rejections;
    private final SecondsWindow rejectedHere;
    private final AtomicLong nextProbe;
    /** When the service last rejected: as long as it is long ago nothing needs to be summed. */
    private volatile long suspiciousUntil;
    /** What was before counts no more; the beginning of a second. */
    private volatile long sinceNanos;

    /** How a request fared. */
    enum Entry {
        ADMITTED,
        /** Only because one a second always is. */
        BY_TURN,
        REJECTED
    }

    /** @param nowNanos a moment before all that will be counted */
    public AdaptiveThrottle(RandomGenerator random, long nowNanos) {
        this.random = random;
        this.requests = new SecondsWindow(WINDOW_SECONDS, nowNanos);
        this.rejections = new SecondsWindow(WINDOW_SECONDS, nowNanos);
        this.rejectedHere = new SecondsWindow(WINDOW_SECONDS, nowNanos);
        this.nextProbe = new AtomicLong(nowNanos);
        this.suspiciousUntil = nowNanos;
        this.sinceNanos = nowNanos;
    }

    /** Counts a request that is to be sent, and says whether it may be. */
    Entry enter(long nowNanos) {
        requests.add(nowNanos);
        if (suspiciousUntil - nowNanos <= 0) {
            return Entry.ADMITTED;
        }
        if (takeProbe(nowNanos)) {
            return Entry.BY_TURN;
        }
        if (random.nextDouble() >= chanceOfRejection(nowNanos)) {
            return Entry.ADMITTED;
        }
        rejectedHere.add(nowNanos);
        return Entry.REJECTED;
    }

    /** Counts a request that is sent whatever the throttle says. */
    void pass(long nowNanos) {
        requests.add(nowNanos);
    }

    /** What entered like that at that moment is not sent after all: its turn is another's. */
    void withdraw(Entry entered, long nowNanos) {
        requests.remove(nowNanos);
        if (entered == Entry.BY_TURN) {
            nextProbe.compareAndSet(nowNanos + PROBE_NANOS, nowNanos);
        }
    }

    /** The service has recovered: nothing is concluded from what was sent up to the end of this second. */
    void forget(long nowNanos) {
        sinceNanos = requests.nextSecond(nowNanos);
        suspiciousUntil = nowNanos;
    }

    /** The service rejected, or could not be reached for, what was sent at that moment. */
    public void rejected(long sentNanos, long nowNanos) {
        if (sentNanos - sinceNanos < 0) {
            return;
        }
        rejections.add(sentNanos);
        suspiciousUntil = nowNanos + WINDOW_SECONDS * 1_000_000_000L;
    }

    double chanceOfRejection(long nowNanos) {
        long since = sinceNanos;
        long rejected = rejections.sum(nowNanos, since);
        if (rejected < MIN_REJECTIONS) {
            return 0;
        }
        long made = requests.sum(nowNanos, since);
        long accepted = Math.max(0, made - rejectedHere.sum(nowNanos, since) - rejected);
        return Math.min(MAX_CHANCE, Math.max(0, (made - (double) K * accepted) / (made + 1)));
    }

    private boolean takeProbe(long nowNanos) {
        long due = nextProbe.get();
        return due - nowNanos <= 0 && nextProbe.compareAndSet(due, nowNanos + PROBE_NANOS);
    }
}
