package dev.kimi.transport;

/**
 * The connection pool at one moment, over all origins.
 *
 * @param active connections with at least one exchange
 * @param idle open connections without one
 * @param pending exchanges that wait for a connection
 * @param max most connections there may be; connections that only finish what they carry may be there besides
 * @param exchanges exchanges under way on all connections; more than active with HTTP/2
 */
public record PoolState(int active, int idle, int pending, int max, int exchanges) {

    /** The transport has no pool, or does not tell. */
    public static final PoolState UNKNOWN = new PoolState(-1, -1, -1, -1, -1);
}
