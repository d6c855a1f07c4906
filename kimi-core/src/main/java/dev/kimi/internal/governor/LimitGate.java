package dev.kimi.internal.governor;

import dev.kimi.error.RateLimitException.Limit;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one caller learns from a 429 is everyone's knowledge: until the moment that the service named, nobody in the
 * scope of the limit sends. Who comes in the meantime waits, and is let in at a growing pace afterwards: one, then two,
 * four and so on every 250 ms, so that those who waited do not all run into the same limit again. Another 429 closes
 * the gate anew.
 *
 * <p>A service that asks for more than {@link #LONGEST} is not waited for: callers are advised to come back, and after
 * that long one of them finds out whether it still holds. Thread-safe; an open gate costs one volatile read. No waiter
 * is called while the lock is held.
 */
public final class LimitGate {

    /** For no longer does it close on one word of the service; the ceiling of the built-in policies. */
    public static final Duration LONGEST = Duration.ofSeconds(60);

    static final long PACE_NANOS = 250_000_000L;
    static final int MAX_WAITING = 10_000;
    private static final int FASTEST = 1 << 20;

    /** What {@link #enter} says. */
    public enum Entry {
        /** Go on. */
        PASS,
        /** Wait: {@link Waiter#gateOpened()} will be called, unless the waiter leaves before. */
        WAIT,
        /** The gate stays closed for longer than the waiter can or should wait. */
        TOO_LATE,
        /** As many wait as may. */
        FULL
    }

    /** Someone who wants to send. */
    public interface Waiter {

        /** It may go on now. Called at most once for each time it waits, perhaps after it has left. */
        void gateOpened();

        /** When waiting has lost its point, on the monotonic clock. */
        long deadlineNanos();
    }

    private final @Nullable String modelClass;
    private final TimeSource time;
    private final Timer timer;
    private volatile boolean open = true;

    // Below: under the lock.
    private final Set<Waiter> waiting = new LinkedHashSet<>();
    private long opensAtNanos;
    private long askedForNanos;
    private Limit limit = Limit.UNKNOWN;
    private int pace = 1;
    private Timer.@Nullable Timeout next;

    /** @param modelClass the models that have the limit, or null when all of the account's have */
    public LimitGate(@Nullable String modelClass, TimeSource time, Timer timer) {
        this.modelClass = modelClass;
        this.time = time;
        this.timer = timer;
        this.opensAtNanos = time.nanoTime();
        this.askedForNanos = opensAtNanos;
    }

    /** Asks to go on. */
    public Entry enter(Waiter waiter) {
        return open ? Entry.PASS : enterClosed(waiter);
    }

    private synchronized Entry enterClosed(Waiter waiter) {
        long now = time.nanoTime();
        if (open || (waiting.isEmpty() && opensAtNanos - now <= 0)) {
            open = true;
            return Entry.PASS;
        }
        if (askedForNanos - opensAtNanos > 0 || opensAtNanos - waiter.deadlineNanos() >= 0) {
            return Entry.TOO_LATE;
        }
        if (waiting.size() >= MAX_WAITING) {
            return Entry.FULL;
        }
        waiting.add(waiter);
        if (next == null) {
            lookAt(opensAtNanos, now);
        }
        return Entry.WAIT;
    }

    /** Whether who comes now would pass. */
    public boolean isOpen() {
        return open || isPast();
    }

    private synchronized boolean isPast() {
        return waiting.isEmpty() && opensAtNanos - time.nanoTime() <= 0;
    }

    /** Does not wait any longer. */
    public synchronized void leave(Waiter waiter) {
        waiting.remove(waiter);
        if (waiting.isEmpty()) {
            stopLooking();
        }
    }

    /** The service rejected by that limit, and asked to wait that long. */
    public synchronized void close(Duration hint, Limit rejectedBy) {
        long now = time.nanoTime();
        limit = rejectedBy;
        long asked = now + hint.toNanos();
        // what was asked for before the gate opened has been found out to hold no longer
        askedForNanos = open ? asked : later(askedForNanos, asked);
        opensAtNanos = later(opensAtNanos, now + (hint.compareTo(LONGEST) < 0 ? hint : LONGEST).toNanos());
        if (opensAtNanos - now <= 0) {
            return;
        }
        open = false;
        pace = 1;
        if (!waiting.isEmpty()) {
            stopLooking();
            lookAt(opensAtNanos, now);
        }
    }

    private static long later(long one, long other) {
        return one - other > 0 ? one : other;
    }

    /** The models that have the limit, or null when all of the account's have. */
    public @Nullable String modelClass() {
        return modelClass;
    }

    /** The limit that it was closed for last. */
    public synchronized Limit limit() {
        return limit;
    }

    /** The wait that is left of what the service asked for; zero when the gate is open. */
    public synchronized Duration askedFor() {
        return open ? Duration.ZERO : Duration.ofNanos(Math.max(0, askedForNanos - time.nanoTime()));
    }

    /** How many wait. */
    public synchronized int waiting() {
        return waiting.size();
    }

    private void lookAt(long atNanos, long now) {
        next = timer.schedule(atNanos - now, this::look);
    }

    private void stopLooking() {
        if (next != null) {
            next.cancel();
            next = null;
        }
    }

    private void look() {
        List<Waiter> admitted = new ArrayList<>();
        synchronized (this) {
            long now = time.nanoTime();
            if (opensAtNanos - now > 0) {
                // closed anew while this was on its way, which has set another look if somebody waits
                return;
            }
            next = null;
            Iterator<Waiter> first = waiting.iterator();
            for (int i = 0; i < pace && first.hasNext(); i++) {
                admitted.add(first.next());
                first.remove();
            }
            pace = Math.min(FASTEST, 2 * pace);
            if (waiting.isEmpty()) {
                open = true;
            } else {
                lookAt(now + PACE_NANOS, now);
            }
        }
        admitted.forEach(Waiter::gateOpened);
    }
}
