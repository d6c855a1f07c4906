package dev.kimi.transport;

/** The handle of an exchange under way. Thread-safe; never blocks. */
public interface Exchange {

    /**
     * Asks for that many further body chunks. Requests add up.
     *
     * @param chunks at least 1; {@link Long#MAX_VALUE} for all there will be
     */
    void request(long chunks);

    /** Gives up. Idempotent; does nothing once the exchange is over. */
    void abort();
}
