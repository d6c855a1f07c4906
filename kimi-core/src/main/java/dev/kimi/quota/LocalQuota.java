package dev.kimi.quota;

import dev.kimi.time.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The account's limits as this process sees them. Rates are held by GCRA (ITU-T I.371), which needs one number per
 * rate: the time at which the account would be fully rested. Everything is reserved under one lock, or nothing.
 */
final class LocalQuota implements Quota {

    /** A call that is settled makes the engine call again at once. */
    private static final Duration LONGEST_WAIT_FOR_A_PLACE = Duration.ofSeconds(1);

    private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

    private final TimeSource time;
    private final int concurrency;
    private final long requestsPerMinute;
    private final long tokensPerMinute;
    /** Those whose calls may wait for what another account gives back. */
    private final List<Subscribed> subscribed = new CopyOnWriteArrayList<>();

    private Rates rates;
    private int inFlight;
    /** Whether somebody was put off since something was given back. */
    private boolean putOff;

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
    public void reset() {
        synchronized (this) {
            rates = unused();
        }
        notifyOthers("");
    }

    @Override
    public Subscription subscribe(String account, Runnable onCapacity) {
        Subscribed one = new Subscribed(account, onCapacity);
        subscribed.add(one);
        return () -> subscribed.remove(one);
    }

    /** An account by its identity: equal ones may be subscribed twice. */
    private static final class Subscribed {
        private final String account;
        private final Runnable onCapacity;

        private Subscribed(String account, Runnable onCapacity) {
            this.account = account;
            this.onCapacity = onCapacity;
        }
    }

    /** The engine looks after the account itself. */
    private void notifyOthers(String account) {
        for (Subscribed other : subscribed) {
            if (!other.account.equals(account)) {
                other.onCapacity.run();
            }
        }
    }

    @Override
    public synchronized QuotaDecision reserve(QuotaRequest request) {
        long tokens = request.bookedTokens();
        if (tokensPerMinute > 0 && tokens > tokensPerMinute) {
            return QuotaDecision.never("it books " + tokens + " tokens (" + request.bookedInputTokens() + " for input, "
                    + request.bookedOutputTokens() + " for output), and the limit is " + tokensPerMinute
                    + " a minute; set maxCompletionTokens lower");
        }
        if (concurrency > 0 && inFlight >= concurrency) {
            return later(LONGEST_WAIT_FOR_A_PLACE);
        }
        long now = time.nanoTime();
        long nanos = Math.max(rates.requests.waitNanos(1, now), rates.tokens.waitNanos(tokens, now));
        if (nanos > 0) {
            return later(Duration.ofNanos(nanos));
        }
        rates.requests.book(1, now);
        rates.tokens.book(tokens, now);
        inFlight++;
        return QuotaDecision.granted(new Held(request.account(), rates, tokens));
    }

    private QuotaDecision later(Duration delay) {
        putOff = true;
        return QuotaDecision.later(delay);
    }

    /** What was booked since the last reset. A reservation settles with those that it was booked in. */
    private record Rates(Rate requests, Rate tokens) {

        private void settle(long booked, Settlement settlement) {
            if (settlement.outcome() == Settlement.Outcome.NOT_COUNTED) {
                requests.giveBack(1);
            }
            tokens.giveBack(booked - settlement.countedTokens());
        }
    }

    private final class Held implements Reservation {
        private final String account;
        private final Rates in;
        private final long booked;
        private boolean settled;

        private Held(String account, Rates in, long booked) {
            this.account = account;
            this.in = in;
            this.booked = booked;
        }

        @Override
        public void settle(Settlement settlement) {
            if (giveBack(settlement)) {
                notifyOthers(account);
            }
        }

        /** True if somebody may wait for what it gives back. */
        private boolean giveBack(Settlement settlement) {
            synchronized (LocalQuota.this) {
                if (settled) {
                    return false;
                }
                settled = true;
                inFlight--;
                in.settle(booked, settlement);
                boolean wanted = putOff;
                putOff = false;
                return wanted;
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
