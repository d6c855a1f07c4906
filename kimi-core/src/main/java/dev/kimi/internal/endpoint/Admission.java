package dev.kimi.internal.endpoint;

import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.quota.Reservation;
import dev.kimi.time.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Where calls wait for their account's quota: bounded, the nearest deadline first. The quota only says yes, later or
 * never; asking again, on a timer or when a reservation was settled, happens here. No call is told anything while the
 * lock is held.
 */
public final class Admission {

    private static final System.Logger LOG = System.getLogger("dev.kimi.plugins");
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(1);
    private static final int MAX_WAITING = 10_000;

    /** A call that wants to be admitted; told exactly once, unless it leaves or is abandoned before. */
    public interface Waiter {

        /** Tokens to reserve. */
        long tokens();

        /** When waiting has lost its point, on the monotonic clock. */
        long deadlineNanos();

        /** Whether its end is decided already, as when its client is being closed: it is not admitted any more. */
        boolean isAbandoned();

        /** It may go on, and settles the reservation when it has ended. */
        void admitted(Reservation reservation);

        /** As many wait as may. */
        void queueFull();

        /** It can never fit the account's limits. */
        void neverFits(String reason);
    }

    private record Limits(String shard, Quota quota) {}

    private final Timer timer;
    private final PriorityQueue<Waiter> waiting = new PriorityQueue<>(Comparator.comparingLong(Waiter::deadlineNanos));
    private volatile Limits limits;
    private volatile int size;
    private Timer.@Nullable Timeout nextLook;

    Admission(String shard, Quota quota, Timer timer) {
        this.limits = new Limits(shard, quota);
        this.timer = timer;
    }

    void limitBy(String shard, Quota quota) {
        limits = new Limits(shard, quota);
    }

    /** Counts the account as unused, where the quota can. */
    void resetQuota() {
        limits.quota().reset();
        lookAgain();
    }

    /** Admits or rejects the waiter now or later, always by telling it. */
    public void enter(Waiter waiter) {
        if (size == 0) {
            QuotaDecision decision = ask(waiter);
            if (decision instanceof QuotaDecision.Granted granted) {
                waiter.admitted(granted.reservation());
                return;
            }
        }
        boolean queued;
        synchronized (this) {
            queued = waiting.size() < MAX_WAITING && waiting.add(waiter);
            size = waiting.size();
        }
        if (queued) {
            look();
        } else {
            waiter.queueFull();
        }
    }

    /** The call does not wait any longer. */
    public void leave(Waiter waiter) {
        synchronized (this) {
            waiting.remove(waiter);
            size = waiting.size();
            if (size == 0) {
                // nobody is left to look for
                forgetNextLook();
            }
        }
        lookAgain();
    }

    /** The call has ended: gives back what it did not use, see {@link Reservation#settle}. */
    public void settle(Reservation reservation, long tokens) {
        try {
            reservation.settle(tokens);
        } catch (RuntimeException e) {
            // the quota may be a plug-in: what it throws must not keep the caller from its outcome
            LOG.log(System.Logger.Level.ERROR, "The quota failed to settle a reservation", e);
        }
        lookAgain();
    }

    /** Something was given back: whoever waits may fit now. */
    void lookAgain() {
        if (size != 0) {
            look();
        }
    }

    /** How many wait. */
    public int waiting() {
        return size;
    }

    private QuotaDecision ask(Waiter waiter) {
        try {
            Limits now = limits;
            return now.quota().reserve(new QuotaRequest(now.shard(), waiter.tokens()));
        } catch (RuntimeException e) {
            return broken(e);
        }
    }

    private static QuotaDecision broken(RuntimeException e) {
        LOG.log(System.Logger.Level.ERROR, "The quota failed, which counts as: do not send", e);
        return QuotaDecision.never(
                "the quota provider failed with " + e.getClass().getName());
    }

    private void look() {
        List<Runnable> tell = new ArrayList<>();
        synchronized (this) {
            forgetNextLook();
            for (Waiter first = waiting.peek(); first != null; first = waiting.peek()) {
                if (first.isAbandoned()) {
                    waiting.poll();
                    continue;
                }
                QuotaDecision decision = ask(first);
                if (decision instanceof QuotaDecision.Later later) {
                    Duration delay = later.delay().compareTo(SHORTEST_WAIT) < 0 ? SHORTEST_WAIT : later.delay();
                    nextLook = timer.schedule(delay.toNanos(), this::look);
                    break;
                }
                waiting.poll();
                tell.add(telling(first, decision));
            }
            size = waiting.size();
        }
        tell.forEach(Runnable::run);
    }

    private static Runnable telling(Waiter waiter, QuotaDecision decision) {
        if (decision instanceof QuotaDecision.Granted granted) {
            return () -> waiter.admitted(granted.reservation());
        }
        return () -> waiter.neverFits(((QuotaDecision.Never) decision).reason());
    }

    /** Called with the lock held. */
    private void forgetNextLook() {
        if (nextLook != null) {
            nextLook.cancel();
            nextLook = null;
        }
    }
}
