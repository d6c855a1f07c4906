package dev.kimi.internal.endpoint;

import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.quota.Reservation;
import dev.kimi.quota.Settlement;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where calls wait for their account's quota: bounded, the nearest deadline first, and of equal ones who came first.
 * The quota only says yes, later or never; calling it again happens here.
 *
 * <p>Neither the quota nor a call is called while the lock is held. Who holds the <em>turn</em> asks the quota for the
 * first that waits; whoever finds the turn taken leaves word that something has changed, and the holder asks again. So
 * no call overtakes the first, and no change that happens while the quota decides is lost.
 */
public final class Admission {

    private static final System.Logger LOG = System.getLogger("dev.kimi.plugins");
    private static final long SHORTEST_WAIT_NANOS = 1_000_000;
    private static final Duration LONGEST_WAIT = Duration.ofDays(1);
    private static final int MAX_WAITING = 10_000;

    /** A call that wants to be admitted; notified exactly once, unless it leaves or is abandoned before. */
    public interface Waiter {

        /** What to reserve. */
        QuotaRequest quotaRequest();

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

    private final String account;
    private final TimeSource time;
    private final Timer timer;
    private volatile CapacityWatch limits;
    private volatile int size;

    // Below: guarded by this.
    private final WaitingCalls<Waiter> waiting = new WaitingCalls<>();
    private Timer.@Nullable Timeout nextLook;

    private long nextLookNanos;
    /** Who holds the turn. */
    private @Nullable Thread turn;
    /** Something has changed since the holder of the turn called the quota. */
    private boolean changed;
    /** The holder itself said so, from within the quota. */
    private boolean changedWithin;

    Admission(String account, Quota quota, TimeSource time, Timer timer) {
        this.account = account;
        this.time = time;
        this.timer = timer;
        this.limits = new CapacityWatch(quota, account, this::lookAgain);
    }

    /** Sets other limits, and gives back the watch over the capacity of those before, for the caller to close. */
    CapacityWatch limitBy(Quota quota) {
        CapacityWatch before = limits;
        limits = new CapacityWatch(quota, account, this::lookAgain);
        return before;
    }

    /** Counts the account as unused, where the quota can. */
    void resetQuota() {
        limits.quota().reset();
        lookAgain();
    }

    /**
     * Admits or rejects the waiter now or later, always by notifying it.
     *
     * @return the nanoseconds that it will wait as far as is known, 0 if it does not
     */
    public long enter(Waiter waiter) {
        Reservation reservation = reserveNow(waiter.quotaRequest());
        if (reservation != null) {
            waiter.admitted(reservation);
            return 0;
        }
        boolean queued;
        synchronized (this) {
            queued = waiting.size() < MAX_WAITING;
            if (queued) {
                waiting.add(waiter, waiter.deadlineNanos());
                size = waiting.size();
            }
        }
        if (queued) {
            look();
            return expectedNanos(waiter);
        }
        waiter.queueFull();
        return 0;
    }

    /** Reserves without waiting, or gives null: when it would have to wait, or others do. */
    public @Nullable Reservation reserveNow(QuotaRequest request) {
        if (size != 0) {
            return null;
        }
        QuotaDecision decision = ask(limits.quota(), request);
        return decision instanceof QuotaDecision.Granted granted ? granted.reservation() : null;
    }

    /** As long for each that waits as for the first: those that have just come are the last. */
    private synchronized long expectedNanos(Waiter waiter) {
        return waiting.contains(waiter) ? Math.min(LONGEST_WAIT.toNanos() / size, firstWaitsNanos()) * size : 0;
    }

    /** The nanoseconds after which the first of those that wait may be admitted, as far as is known. */
    public synchronized long firstWaitsNanos() {
        return nextLook == null ? SHORTEST_WAIT_NANOS : Math.max(SHORTEST_WAIT_NANOS, nextLookNanos - time.nanoTime());
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
    public void settle(Reservation reservation, Settlement settlement) {
        try {
            reservation.settle(settlement);
        } catch (RuntimeException e) {
            // the quota may be a plug-in: what it throws must not keep the caller from its outcome
            LOG.log(System.Logger.Level.ERROR, "The quota failed to settle a reservation", e);
        }
        lookAgain();
    }

    /** There may be capacity: whoever waits may fit now. */
    void lookAgain() {
        if (size != 0) {
            look();
        }
    }

    /** How many wait. */
    public int waiting() {
        return size;
    }

    private static QuotaDecision ask(Quota quota, QuotaRequest request) {
        try {
            return Objects.requireNonNull(quota.reserve(request), "decision");
        } catch (RuntimeException e) {
            return failed(e);
        }
    }

    private static QuotaDecision failed(RuntimeException e) {
        LOG.log(System.Logger.Level.ERROR, "The quota failed, which counts as: do not send", e);
        return QuotaDecision.never(
                "the quota provider failed with " + e.getClass().getName());
    }

    /** Asks the quota for one after the other, until it puts one off, nobody waits, or another thread does it. */
    private void look() {
        Waiter first = takeTurn();
        while (first != null) {
            QuotaDecision decision = askInTurn(first);
            if (decision instanceof QuotaDecision.Later later) {
                first = putOff(first, later.delay());
            } else {
                boolean waits = decided(first);
                // without the turn: the call may go far on this thread, and others must not wait for that
                notifyWaiter(first, waits, decision);
                first = takeTurn();
            }
        }
    }

    /** Whom to ask for, in the turn that is taken now; null when another holds it or nobody waits. */
    private synchronized @Nullable Waiter takeTurn() {
        if (turn == null) {
            return next();
        }
        if (turn == Thread.currentThread()) {
            changedWithin = true;
        } else {
            changed = true;
        }
        return null;
    }

    private QuotaDecision askInTurn(Waiter first) {
        boolean asked = false;
        try {
            CapacityWatch now = limits;
            now.begin();
            QuotaDecision decision = ask(now.quota(), first.quotaRequest());
            asked = true;
            return decision;
        } finally {
            if (!asked) {
                giveTurnBack();
            }
        }
    }

    /** The first is to wait on: whom to ask for in the same turn, or null when the turn has been given back. */
    private synchronized @Nullable Waiter putOff(Waiter first, Duration delay) {
        if (changed || waiting.first() != first) {
            return next();
        }
        // a quota that notifies from within every decision must not be asked without end
        long nanos = changedWithin ? SHORTEST_WAIT_NANOS : within(delay);
        giveTurnBack();
        nextLookNanos = time.nanoTime() + nanos;
        nextLook = timer.schedule(nanos, this::look);
        return null;
    }

    private static long within(Duration delay) {
        return delay.compareTo(LONGEST_WAIT) > 0
                ? LONGEST_WAIT.toNanos()
                : Math.max(SHORTEST_WAIT_NANOS, delay.toNanos());
    }

    /** The first waits no longer: whether it did until now. The turn is given back. */
    private synchronized boolean decided(Waiter first) {
        giveTurnBack();
        boolean waits = waiting.remove(first);
        size = waiting.size();
        return waits && !first.isAbandoned();
    }

    private void notifyWaiter(Waiter waiter, boolean waits, QuotaDecision decision) {
        if (decision instanceof QuotaDecision.Granted granted) {
            if (waits) {
                waiter.admitted(granted.reservation());
            } else {
                settle(granted.reservation(), Settlement.notCounted());
            }
        } else if (waits) {
            waiter.neverFits(((QuotaDecision.Never) decision).reason());
        }
    }

    /** The first that waits, for whom this thread has the turn now; null when nobody does. With the lock held. */
    private @Nullable Waiter next() {
        forgetNextLook();
        changed = false;
        changedWithin = false;
        Waiter first = waiting.first();
        while (first != null && first.isAbandoned()) {
            waiting.remove(first);
            first = waiting.first();
        }
        size = waiting.size();
        turn = first == null ? null : Thread.currentThread();
        return first;
    }

    private synchronized void giveTurnBack() {
        turn = null;
    }

    /** With the lock held. */
    private void forgetNextLook() {
        if (nextLook != null) {
            nextLook.cancel();
            nextLook = null;
        }
    }
}
