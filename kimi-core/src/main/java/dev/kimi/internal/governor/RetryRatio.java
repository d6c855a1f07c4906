package dev.kimi.internal.governor;

import org.jspecify.annotations.Nullable;

/**
 * Holds retries to a share of what is sent: in any 60 s no more than 5 % of the first attempts and one, and beside them
 * a small reserve, one a second of which ten can be saved, so that a client that sends little can still repeat a call
 * that failed. After Finagle's retry budget and the Google SRE book, "Handling Overload". Thread-safe; counting takes
 * no lock.
 */
public final class RetryRatio {

    /** What a retry is taken from. */
    enum Source {
        /** The share of what was sent. */
        SHARE,
        RESERVE
    }

    static final int WINDOW_SECONDS = 60;
    static final double SHARE = 0.05;
    static final int RESERVE = 10;
    private static final long RESERVE_NANOS = 1_000_000_000L;

    private final SecondsWindow firstAttempts;
    /** One second more, since the oldest of its seconds has partly passed. */
    private final SecondsWindow retries;
    /** When the reserve will be, or was, full again. */
    private long reserveFullAt;

    /** @param nowNanos a moment before all that will be counted */
    public RetryRatio(long nowNanos) {
        this.firstAttempts = new SecondsWindow(WINDOW_SECONDS, nowNanos);
        this.retries = new SecondsWindow(WINDOW_SECONDS + 1, nowNanos);
        this.reserveFullAt = nowNanos;
    }

    /** A call is sent for the first time. */
    public void firstAttempt(long nowNanos) {
        firstAttempts.add(nowNanos);
    }

    /**
     * Takes the right to one retry, or nothing when there have been too many. Under a lock, so that two cannot share.
     */
    synchronized @Nullable Source take(long nowNanos) {
        if (retries.sum(nowNanos) + 1 <= SHARE * firstAttempts.sum(nowNanos) + 1) {
            retries.add(nowNanos);
            return Source.SHARE;
        }
        long next = (reserveFullAt - nowNanos < 0 ? nowNanos : reserveFullAt) + RESERVE_NANOS;
        if (next - nowNanos > RESERVE * RESERVE_NANOS) {
            return null;
        }
        reserveFullAt = next;
        return Source.RESERVE;
    }

    /** The retry that was taken at that moment is not made. */
    synchronized void giveBack(Source source, long takenNanos) {
        if (source == Source.SHARE) {
            retries.remove(takenNanos);
        } else {
            reserveFullAt -= RESERVE_NANOS;
        }
    }
}
