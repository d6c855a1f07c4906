package dev.kimi.quota;

/** What a call holds of its account's limits until it is settled. Thread-safe. Further methods will have a default. */
@FunctionalInterface
public interface Reservation {

    /**
     * Books what the service has counted in place of what was reserved, gives back the rest, and frees the place among
     * the concurrent calls. The engine calls it exactly once, whatever becomes of the call: when it has ended, when it
     * goes on at another endpoint, or when nobody waits for the reservation any more. No lock of the engine is held,
     * and {@link Quota#reserve} may be under way on another thread. Must not block. An exception is logged and goes no
     * further.
     */
    void settle(Settlement settlement);
}
