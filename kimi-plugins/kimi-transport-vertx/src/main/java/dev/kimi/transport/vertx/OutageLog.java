package dev.kimi.transport.vertx;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Says once for all loops when a name cannot be looked up any more though it has been, and when it can again. */
final class OutageLog {

    private static final System.Logger LOG = System.getLogger("dev.kimi.connections");

    private final Set<String> hosts = ConcurrentHashMap.newKeySet();

    /** The name could not be looked up, and its last addresses are used. */
    void begun(String host, Throwable cause) {
        if (hosts.add(host)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The host name " + host + " cannot be resolved (" + cause
                            + "). Connections go to its last known addresses for up to 60 min. Check DNS.");
        }
    }

    /** The name has been looked up. */
    void over(String host) {
        if (!hosts.isEmpty() && hosts.remove(host)) {
            LOG.log(System.Logger.Level.INFO, "The host name " + host + " can be resolved again.");
        }
    }
}
