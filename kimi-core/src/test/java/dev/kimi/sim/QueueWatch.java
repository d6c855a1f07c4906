package dev.kimi.sim;

import dev.kimi.quota.QuotaDecision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Holds the queue for quota to its order, and to asking the quota again whenever the decision may have changed: a call
 * must not wait for what is there.
 */
final class QueueWatch {

    private static final long SHORTEST_WAIT = 1_000_000L;
    private static final long MINUTE = 60_000_000_000L;
    private static final Duration LONGEST_WAIT = Duration.ofDays(1);

    private final World world;
    private final List<Long> granted = new ArrayList<>();
    private int concurrency;
    private int requests;
    private boolean tokens;
    private boolean freed;
    private boolean headLeft;
    /** Decisions under way: what is given back meanwhile is asked for soon. */
    private int deciding;

    private boolean asked;
    private boolean waits;
    private long askAgainAt;

    QueueWatch(World world) {
        this.world = world;
    }

    /** The quota was asked for the call, and that is what it said. */
    void asked(SimCall call, QuotaDecision decision, int outstanding) {
        deciding++;
        freed = false;
        asked = true;
        waits = decision instanceof QuotaDecision.Later;
        if (decision instanceof QuotaDecision.Later later) {
            Duration delay = later.delay().compareTo(LONGEST_WAIT) < 0 ? later.delay() : LONGEST_WAIT;
            askAgainAt = world.now() + Math.max(delay.toNanos(), SHORTEST_WAIT);
            boolean full = concurrency > 0 && outstanding >= concurrency;
            check(full || !concurrencyOnly(), call, "has to wait although nothing is at its limit");
        } else if (decision instanceof QuotaDecision.Granted) {
            checkOrder(call);
            checkLimits(call, outstanding);
        }
    }

    /** From here on it is a local quota with limits. */
    void limitConcurrency(int most) {
        concurrency = most;
    }

    void limitRequests(int most) {
        requests = most;
    }

    void limitTokens() {
        tokens = true;
    }

    private boolean concurrencyOnly() {
        return concurrency > 0 && requests == 0 && !tokens;
    }

    private void check(boolean holds, SimCall call, String otherwise) {
        world.check(holds, call.number(), otherwise);
    }

    /** A minute's requests may come at once, and in the minute after them as many. */
    private void checkLimits(SimCall call, int outstanding) {
        check(concurrency == 0 || outstanding < concurrency, call, "is one more than may be under way");
        if (requests > 0) {
            granted.add(world.now());
            long lately =
                    granted.stream().filter(at -> at > world.now() - MINUTE).count();
            check(lately <= 2L * requests, call, "is one more than a minute allows");
        }
    }

    private void checkOrder(SimCall call) {
        for (SimCall other : world.calls) {
            if (other.waitsFor(this) && other.deadlineNanos() < call.deadlineNanos()) {
                world.complain(
                        call.number(), "is admitted before call " + other.number() + ", whose deadline is nearer");
            }
        }
    }

    /** The quota failed, which ends the wait of the one it was asked for. */
    void failed(SimCall call, boolean waited) {
        freed = false;
        asked = true;
        waits = false;
        if (waited) {
            call.neverFits();
        }
    }

    /** What it said is with the engine. */
    void answered() {
        deciding--;
    }

    /** Something was given back. */
    void freed(boolean notCounted) {
        if (notCounted && !granted.isEmpty()) {
            // which of them does not matter for how many there are
            granted.remove(granted.size() - 1);
        }
        if (deciding > 0) {
            askAgainAt = Math.min(askAgainAt, world.now() + SHORTEST_WAIT);
        } else {
            freed = true;
        }
    }

    /** A call left the queue; it may have been the one that the others waited behind. */
    void left(SimCall call) {
        headLeft |= world.calls.stream()
                .noneMatch(other -> other.waitsFor(this) && other.deadlineNanos() <= call.deadlineNanos());
    }

    /** Nothing is under way, and so many wait. */
    void check(int waiting) {
        if (waiting > 0) {
            world.check(!headLeft || asked, -1, "the first in line has left, and nobody asks for those behind it");
            world.check(!freed, -1, "the quota was given something back, and is not asked for those who wait");
            world.check(waits, -1, "calls wait although the quota did not say so");
            world.check(world.now() <= askAgainAt, -1, "the quota is not asked again when it said");
        }
        headLeft = false;
        asked = false;
    }
}
