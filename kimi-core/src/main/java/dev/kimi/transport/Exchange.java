package dev.kimi.transport;

import dev.kimi.error.DeadlineExceededException.Phase;

/** The handle of an exchange under way. Thread-safe; never blocks. */
public interface Exchange {

    /**
     * Asks for that many further body chunks. Requests add up.
     *
     * @param chunks at least 1; {@link Long#MAX_VALUE} for all there will be
     */
    void request(long chunks);

    /**
     * What the exchange waits for as long as no headers have come, so that a deadline that passes can say which limit
     * to raise.
     *
     * @return {@code POOL_WAIT}, {@code CONNECT}, or else {@code HEADERS}, which is also for who cannot tell
     */
    default Phase phase() {
        return Phase.HEADERS;
    }

    /** Cancels. Idempotent; does nothing once the exchange is over. */
    void abort();
}
