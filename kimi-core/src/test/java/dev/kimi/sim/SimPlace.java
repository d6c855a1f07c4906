package dev.kimi.sim;

import dev.kimi.internal.endpoint.ModelNames;
import java.net.URI;

/**
 * An endpoint of a route.
 *
 * @param name of the endpoint
 * @param address where it is
 * @param account what its calls are counted against
 * @param dialect what it speaks
 * @param rejects whether its service is known to reject one request in three
 * @param models what models are called there
 */
record SimPlace(String name, URI address, SimAccount account, Dialect dialect, boolean rejects, ModelNames models) {

    /** Whether the request of that call can be written for the service. */
    boolean takes(int call) {
        return !rejects || call % SimProtocol.REJECTED != 0;
    }

    /** Whether what one of them said may be read by the other. */
    boolean isSameService(SimPlace other) {
        return address.equals(other.address) && dialect == other.dialect;
    }
}
