package dev.kimi.sim;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What holds for all calls of an account. */
final class Limits {

    /** Constants of the budget that all calls share, as documented. */
    private static final int CAPACITY = 500;

    private static final int TRANSIENT = 14;
    private static final int THROTTLED = 5;
    /** Constants of the ratio of retries to first attempts. */
    private static final long RATIO_WINDOW = 60_000_000_000L;

    private static final double RATIO = 0.05;
    private static final int SAVED = 10;
    private static final long SECOND = 1_000_000_000L;
    private static final long THROTTLE_WINDOW = 120 * SECOND;
    /** BadRequestHints before which the adaptive throttle concludes nothing. */
    private static final int FEWEST_REFUSALS = 20;

    /** What the keys of the account begin with. */
    final String key;

    final int maxAttempts;
    final boolean replayOnIdleClose;
    final boolean credentialsMayFail;
    /** True when a plug-in throws what it must not, so that calls may end with that. */
    final boolean bugs;

    /** The longest wait that the policy lets a service ask for. */
    final long ceilingNanos;

    final SimGates gates = new SimGates();

    private int tokens = CAPACITY;
    private final List<Long> firstAttempts = new ArrayList<>();
    private final List<Long> retries = new ArrayList<>();
    /** What failed. */
    private final List<Failed> failures = new ArrayList<>();

    private long letThroughNanos = -SECOND;

    Limits(String key, Rules rules, boolean credentialsMayFail, boolean bugs) {
        this.key = key;
        this.maxAttempts = rules.maxAttempts;
        this.replayOnIdleClose = rules.replayOnIdleClose;
        this.ceilingNanos = rules.ceilingNanos;
        this.credentialsMayFail = credentialsMayFail;
        this.bugs = bugs;
    }

    /** What holds for all accounts of a schedule. */
    record Rules(int maxAttempts, boolean replayOnIdleClose, long ceilingNanos) {}

    /** A retry is charged; gives its cost. */
    int charge(boolean throttled) {
        int cost = throttled ? THROTTLED : TRANSIENT;
        tokens -= cost;
        return cost;
    }

    void giveBack(int lastCost) {
        tokens = Math.min(CAPACITY, tokens + (lastCost == 0 ? 1 : lastCost));
    }

    /** What is left of the budget. */
    int tokens() {
        return tokens;
    }

    /** Whether budget and ratio have enough for any retry, for all that has been retried lately. */
    boolean plenty(long nowNanos) {
        long lately = retries.stream()
                .filter(at -> at >= nowNanos - RATIO_WINDOW - 2 * SECOND)
                .count();
        long first = firstAttempts.stream()
                .filter(at -> at >= nowNanos - RATIO_WINDOW + 2 * SECOND)
                .count();
        return tokens >= TRANSIENT && (lately < SAVED || lately <= RATIO * first);
    }

    void firstAttempt(long nowNanos) {
        firstAttempts.add(nowNanos);
    }

    /**
     * Whether one more charged retry keeps to the ratio: in no span of at most a minute may there be more than one and
     * 5 % of the first attempts of that span and the minute before it, and what the reserve gives, which is ten saved
     * and one a second.
     */
    boolean mayRetry(long nowNanos) {
        retries.add(nowNanos);
        int count = 0;
        for (int i = retries.size() - 1; i >= 0 && nowNanos - retries.get(i) <= RATIO_WINDOW; i--) {
            count++;
            long from = retries.get(i);
            long first = firstAttempts.stream()
                    .filter(at -> at >= from - RATIO_WINDOW)
                    .count();
            if (count > 1 + RATIO * first + SAVED + (double) (nowNanos - from) / SECOND) {
                return false;
            }
        }
        return true;
    }

    /**
     * @param sentNanos when it was sent
     * @param model the one model that it speaks for, or null
     */
    private record Failed(long sentNanos, @Nullable String model) {}

    void attemptFailed(long sentNanos, @Nullable String model) {
        failures.add(new Failed(sentNanos, model));
    }

    /** A call was let through to where it asks for credentials, which is past everything that holds calls back. */
    void letThrough(long nowNanos) {
        letThroughNanos = nowNanos;
    }

    /** The throttle needs reasons of the last two minutes, and lets through one call a second whatever they are. */
    boolean mayThrottle(String model, long nowNanos) {
        long reasons = failures.stream()
                .filter(failed -> failed.model == null || failed.model.equals(model))
                .filter(failed -> failed.sentNanos >= nowNanos - THROTTLE_WINDOW)
                .count();
        return reasons >= FEWEST_REFUSALS && nowNanos - letThroughNanos < SECOND;
    }
}
