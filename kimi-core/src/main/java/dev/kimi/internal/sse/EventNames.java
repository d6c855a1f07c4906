package dev.kimi.internal.sse;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Turns the bytes of an event's type into a String without allocating for the types that services use. */
final class EventNames {

    private static final String[] COMMON = {
        "content_block_delta", "content_block_start", "content_block_stop", "message_start", "message_delta",
        "message_stop", "ping", "error", "done", "completion"
    };
    private static final byte[][] COMMON_BYTES =
            Arrays.stream(COMMON).map(EventNames::bytes).toArray(byte[][]::new);
    private static final byte[] DEFAULT = bytes("message");

    private EventNames() {}

    /** The name between {@code from} and {@code to}; null when it is empty or the default type. */
    static @Nullable String name(byte[] line, int from, int to) {
        if (from == to || Arrays.equals(line, from, to, DEFAULT, 0, DEFAULT.length)) {
            return null;
        }
        for (int i = 0; i < COMMON.length; i++) {
            if (Arrays.equals(line, from, to, COMMON_BYTES[i], 0, COMMON_BYTES[i].length)) {
                return COMMON[i];
            }
        }
        return new String(line, from, to - from, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.US_ASCII);
    }
}
