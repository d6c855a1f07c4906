package dev.kimi.gateway.face;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Ids of calls. They are no secrets. */
final class Ids {

    private static final Pattern TRACE_PARENT = Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-.*");

    private Ids() {}

    static String requestId() {
        return "req_" + random(12);
    }

    /** The trace of a {@code traceparent}, or one of our own. */
    static String traceId(@Nullable String traceParent) {
        if (traceParent != null) {
            var parts = TRACE_PARENT.matcher(traceParent);
            if (parts.matches()) {
                return parts.group(1);
            }
        }
        return random(16);
    }

    private static String random(int bytes) {
        byte[] id = new byte[bytes];
        ThreadLocalRandom.current().nextBytes(id);
        return HexFormat.of().formatHex(id);
    }
}
