package dev.kimi.gateway.face;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Ids of calls, which are no secrets: numbers that count up, mixed so that those of two gateways do not meet. */
final class Ids {

    private static final Pattern TRACE_PARENT = Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-.*");
    private static final HexFormat HEX = HexFormat.of();
    private static final long STEP = 0x9e3779b97f4a7c15L;

    private static final long GATEWAY = new SecureRandom().nextLong();
    private static final AtomicLong NEXT = new AtomicLong(new SecureRandom().nextLong());

    private Ids() {}

    static String requestId() {
        long number = NEXT.addAndGet(STEP);
        return "req_" + HEX.toHexDigits(mixed(number)) + HEX.toHexDigits(mixed(number ^ GATEWAY), 8);
    }

    /** The trace of a {@code traceparent}, or one of our own. */
    static String traceId(@Nullable String traceParent) {
        if (traceParent != null) {
            var parts = TRACE_PARENT.matcher(traceParent);
            if (parts.matches()) {
                return parts.group(1);
            }
        }
        long number = NEXT.addAndGet(STEP);
        return HEX.toHexDigits(mixed(number)) + HEX.toHexDigits(mixed(number ^ GATEWAY));
    }

    /** Stafford's mix, which takes no two numbers to the same. */
    private static long mixed(long number) {
        long z = (number ^ (number >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
