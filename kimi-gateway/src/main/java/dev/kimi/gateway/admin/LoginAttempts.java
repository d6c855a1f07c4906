package dev.kimi.gateway.admin;

import dev.kimi.time.TimeSource;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Limits wrong tokens to five a minute for each address; of IPv6, 64 bits count as one. There is no limit for all of
 * them together, by which anybody could lock out everybody: a token is too long to be guessed from however many
 * addresses. Sessions that are open are not concerned. Bounded, thread-safe.
 */
final class LoginAttempts {

    static final int PER_ADDRESS = 5;
    static final Duration WINDOW = Duration.ofMinutes(1);

    private static final int MAX_ADDRESSES = 1024;
    private static final int PREFIX = 8;
    private static final String UNKNOWN = "unknown";

    private final TimeSource time;
    private final Map<String, Window> windows = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Window> eldest) {
            return size() > MAX_ADDRESSES;
        }
    };

    LoginAttempts(TimeSource time) {
        this.time = time;
    }

    private record Window(long beganNanos, int failures) {}

    /** How long attempts from there are to wait; zero for not at all. */
    synchronized Duration wait(@Nullable InetSocketAddress from) {
        Window window = windows.get(name(from));
        if (window == null || window.failures < PER_ADDRESS) {
            return Duration.ZERO;
        }
        Duration rest = WINDOW.minusNanos(time.nanoTime() - window.beganNanos);
        return rest.isNegative() ? Duration.ZERO : rest;
    }

    synchronized void failed(@Nullable InetSocketAddress from) {
        windows.put(name(from), counted(windows.remove(name(from))));
    }

    private Window counted(@Nullable Window window) {
        long now = time.nanoTime();
        return window == null || now - window.beganNanos >= WINDOW.toNanos()
                ? new Window(now, 1)
                : new Window(window.beganNanos, window.failures + 1);
    }

    private static String name(@Nullable InetSocketAddress from) {
        InetAddress address = from == null ? null : from.getAddress();
        if (address == null) {
            return UNKNOWN;
        }
        byte[] bytes = address.getAddress();
        return HexFormat.of().formatHex(address instanceof Inet6Address ? Arrays.copyOf(bytes, PREFIX) : bytes);
    }
}
