package dev.kimi.quota;

import dev.kimi.time.TimeSource;
import java.time.Duration;

/**
 * The account's limits as this process sees them. Rates are held by GCRA (ITU-T I.371), which needs one number per
 * rate: the time at which the account would be fully rested. Everything is reserved under one lock, or nothing.
 */
final class LocalQuota implements Quota {

    private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

    private final TimeSource time;
    private final int concurrency;
    private final long requestsPerMinute;
    private final long tokensPerMinute;
    private Rates rates;
    private int inFlight;

    /**
     * @param concurrency calls at the same time, 0 for no limit
     * @param requestsPerMinute 0 for no limit
     * @param tokensPerMinute 0 for no limit
     */
    LocalQuota(TimeSource time, int concurrency, long requestsPerMinute, long tokensPerMinute) {
        this.time = time;
        this.concurrency = concurrency;
        this.requestsPerMinute = requestsPerMinute;
        this.tokensPerMinute = tokensPerMinute;
        this.rates = unused();
    }

    private Rates unused() {
        long now = time.nanoTime();
        return new Rates(new Rate(requestsPerMinute, now), new Rate(tokensPerMinute, now));
    }

    @Override
    public synchronized void reset() {
        rates = unused();
    }

    @Override
    public synchronized QuotaDecision reserve(QuotaRequest request) {
        if (tokensPerMinute > 0 && request.tokens() > tokensPerMinute) {
            return QuotaDecision.never("it books " + request.tokens() + " tokens, and the limit is " + tokensPerMinute
                    + " a minute; set maxCompletionTokens lower");
        }
        if (concurrency > 0 && inFlight >= concurrency) {
            // a settled call makes the engine ask again at once; this is only the longest it waits for that
            return QuotaDecision.later(Duration.ofSeconds(1));
        }
        long now = time.nanoTime();
        long nanos = Math.max(rates.requests.waitNanos(1, now), rates.tokens.waitNanos(request.tokens(), now));
        if (nanos > 0) {
            return QuotaDecision.later(Duration.ofNanos(nanos));
        }
        rates.requests.book(1, now);
        rates.tokens.book(request.tokens(), now);
        inFlight++;
        return QuotaDecision.granted(new Held(rates, request.tokens()));
    }

    /** What was booked since the last reset. A reservation settles with those that it was booked in. */
    private record Rates(Rate requests, Rate tokens) {

        private void giveBack(long booked, long used) {
            if (used == 0) {
                requests.giveBack(1);
            }
            if (used >= 0) {
                tokens.giveBack(booked - used);
            }
        }
    }

    private final class Held implements Reservation {
        private final Rates in;
        private final long booked;
        private boolean settled;

        private Held(Rates in, long booked) {
            this.in = in;
            this.booked = booked;
        }

        @Override
        public void settle(long used) {
            synchronized (LocalQuota.this) {
                if (settled) {
                    return;
                }
                settled = true;
                inFlight--;
                in.giveBack(booked, used);
            }
        }
    }

    /** One GCRA with a burst of a whole minute, which is how the service counts. */
    private static final class Rate {
        private final long perMinute;
        private final double nanosEach;
        /** When the account would be fully rested; in the past when it is. */
        private double restedAt;

        private Rate(long perMinute, long now) {
            this.perMinute = perMinute;
            this.nanosEach = perMinute > 0 ? (double) MINUTE_NANOS / perMinute : 0;
            this.restedAt = now;
        }

        private long waitNanos(long amount, long now) {
            if (perMinute == 0) {
                return 0;
            }
            double after = Math.max(restedAt, now) + amount * nanosEach;
            return (long) Math.ceil(Math.max(0, after - now - MINUTE_NANOS));
        }

        private void book(long amount, long now) {
            restedAt = Math.max(restedAt, now) + amount * nanosEach;
        }

        private void giveBack(long amount) {
            restedAt -= amount * nanosEach;
        }
    }
}
