package dev.kimi.gateway.admin;

import dev.kimi.gateway.admin.FigureSlot.Figure;
import dev.kimi.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Figures of the last while, by intervals of five seconds, in memory that does not grow. Thread-safe, without locks.
 */
final class FigureRing {

    static final Duration INTERVAL = Duration.ofSeconds(5);

    private static final long NANOS = INTERVAL.toNanos();

    private final TimeSource time;
    private final long origin;
    private final AtomicReferenceArray<@Nullable FigureSlot> slots;

    /** @param size how many intervals are remembered, the running one included */
    FigureRing(TimeSource time, int size) {
        this.time = time;
        this.origin = time.nanoTime();
        this.slots = new AtomicReferenceArray<>(size);
    }

    int size() {
        return slots.length();
    }

    /** The number of the interval that is running; the first is 0. */
    long number() {
        return number(time.nanoTime());
    }

    /** How much of the running interval has passed. */
    long runningNanos() {
        return (time.nanoTime() - origin) % NANOS;
    }

    FigureSlot current() {
        return slot(number());
    }

    /** What is known of an interval, or null if that is nothing. */
    @Nullable FigureSlot at(long number) {
        FigureSlot slot = number < 0 ? null : slots.get(index(number));
        return slot != null && slot.number == number ? slot : null;
    }

    /** Distributes a count evenly over the time in which it came about, as far as that is remembered. */
    void spread(Figure figure, long count, long fromNanos, long toNanos) {
        long last = number(toNanos);
        long first = Math.min(last, Math.max(number(fromNanos), last - size() + 1));
        double length = Math.max(1, toNanos - fromNanos);
        long left = count;
        for (long number = first; number < last; number++) {
            double share = (origin + (number + 1) * NANOS - Math.max(fromNanos, origin + number * NANOS)) / length;
            long part = Math.min(left, Math.round(count * share));
            slot(number).add(figure, part);
            left -= part;
        }
        slot(last).add(figure, left);
    }

    private FigureSlot slot(long number) {
        int index = index(number);
        while (true) {
            FigureSlot there = slots.get(index);
            if (there != null && there.number >= number) {
                // What is newer has taken the place of an interval that is no longer remembered.
                return there.number == number ? there : new FigureSlot(number);
            }
            FigureSlot fresh = new FigureSlot(number);
            if (slots.compareAndSet(index, there, fresh)) {
                return fresh;
            }
        }
    }

    private int index(long number) {
        return (int) (number % slots.length());
    }

    private long number(long nanos) {
        return Math.max(0, (nanos - origin) / NANOS);
    }
}
