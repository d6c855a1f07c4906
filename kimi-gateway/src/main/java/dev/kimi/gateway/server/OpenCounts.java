package dev.kimi.gateway.server;

import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** How many are open per address. Thread-safe; forgets addresses that have none. */
final class OpenCounts {

    private final ConcurrentMap<InetAddress, Integer> open = new ConcurrentHashMap<>();
    private final int most;

    OpenCounts(int most) {
        this.most = most;
    }

    /** Counts one more unless there are too many. */
    boolean enter(InetAddress address) {
        boolean[] entered = new boolean[1];
        open.compute(address, (key, count) -> {
            int now = count == null ? 0 : count;
            entered[0] = now < most;
            return entered[0] ? Integer.valueOf(now + 1) : count;
        });
        return entered[0];
    }

    void leave(InetAddress address) {
        open.computeIfPresent(address, (key, count) -> count == 1 ? null : Integer.valueOf(count - 1));
    }
}
