package dev.kimi.internal.endpoint;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Calls in the order in which they are to be admitted: the nearest deadline first, of equal ones who came first. */
final class WaitingCalls<C> {

    private record Place<C>(C call, long deadlineNanos, long arrival) {}

    private final TreeSet<Place<C>> order = new TreeSet<>(
            Comparator.<Place<C>>comparingLong(Place::deadlineNanos).thenComparingLong(Place::arrival));
    private final Map<C, Place<C>> places = new HashMap<>();
    private long arrivals;

    void add(C call, long deadlineNanos) {
        Place<C> place = new Place<>(call, deadlineNanos, arrivals++);
        places.put(call, place);
        order.add(place);
    }

    /** Whether it was there. */
    boolean remove(C call) {
        Place<C> place = places.remove(call);
        return place != null && order.remove(place);
    }

    boolean contains(C call) {
        return places.containsKey(call);
    }

    /** The next to be admitted, or null when nobody waits. */
    @Nullable C first() {
        return order.isEmpty() ? null : order.first().call();
    }

    int size() {
        return order.size();
    }
}
