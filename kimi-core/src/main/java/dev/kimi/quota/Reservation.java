package dev.kimi.quota;

/** What a call holds of its account's limits until it is settled. Thread-safe. */
@FunctionalInterface
public interface Reservation {

    /**
     * Gives back what was not used, or books what was used beyond the reservation, and frees the place among the
     * concurrent calls. The engine calls it exactly once.
     *
     * @param tokens tokens really used; -1 when unknown, and then the reservation stands as booked; 0 when the request
     *     never reached the service, and then the request is given back as well
     */
    void settle(long tokens);
}
