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
 * rejections nothing is concluded. Requests rejected here count as requests, as the formula wants it. Thread-safe.
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

    /** @param nowNanos a moment before all that will be counted */
    public AdaptiveThrottle(RandomGenerator random, long nowNanos) {
        this.random = random;
        this.requests = new SecondsWindow(WINDOW_SECONDS, nowNanos);
        this.rejections = new SecondsWindow(WINDOW_SECONDS, nowNanos);
        this.rejectedHere = new SecondsWindow(WINDOW_SECONDS, nowNanos);
        this.nextProbe = new AtomicLong(nowNanos);
        this.suspiciousUntil = nowNanos;
    }

    /** Counts a request that is to be sent, and says whether it may be. */
    public boolean admit(long nowNanos) {
        requests.add(nowNanos);
        if (suspiciousUntil - nowNanos <= 0 || takeProbe(nowNanos)) {
            return true;
        }
        if (random.nextDouble() >= chanceOfRejection(nowNanos)) {
            return true;
        }
        rejectedHere.add(nowNanos);
        return false;
    }

    /** The service rejected, or could not be reached for, what was sent at that moment. */
    public void rejected(long sentNanos, long nowNanos) {
        rejections.add(sentNanos);
        suspiciousUntil = nowNanos + WINDOW_SECONDS * 1_000_000_000L;
    }

    double chanceOfRejection(long nowNanos) {
        long rejected = rejections.sum(nowNanos);
        if (rejected < MIN_REJECTIONS) {
            return 0;
        }
        long made = requests.sum(nowNanos);
        long accepted = Math.max(0, made - rejectedHere.sum(nowNanos) - rejected);
        return Math.min(MAX_CHANCE, Math.max(0, (made - (double) K * accepted) / (made + 1)));
    }

    private boolean takeProbe(long nowNanos) {
        long due = nextProbe.get();
        return due - nowNanos <= 0 && nextProbe.compareAndSet(due, nowNanos + PROBE_NANOS);
    }
}
