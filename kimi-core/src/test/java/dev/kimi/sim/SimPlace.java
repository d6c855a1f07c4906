package dev.kimi.sim;

import java.net.URI;

/**
 * An endpoint of a route.
 *
 * @param name of the endpoint
 * @param address where it is
 * @param account what its calls are counted against
 * @param rejects whether its service is known to reject one request in three
 */
record SimPlace(String name, URI address, SimAccount account, boolean rejects) {

    /** Whether the request of that call can be written for the service. */
    boolean takes(int call) {
        return !rejects || call % SimProtocol.REJECTED != 0;
    }
}
