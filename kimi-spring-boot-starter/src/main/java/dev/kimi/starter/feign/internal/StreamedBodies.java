package dev.kimi.starter.feign.internal;

import dev.kimi.transport.RequestBody;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Bodies that are sent as they are read, beside Feign, which knows none but bytes: it carries a placeholder, and the
 * body is found by that very array. What replaces the placeholder on its way replaces the body. Thread-safe.
 */
final class StreamedBodies {

    /** By identity, as arrays are compared; kept as long as there is a request with the placeholder. */
    private final Map<byte[], RequestBody> bodies = Collections.synchronizedMap(new WeakHashMap<>());

    /** What Feign carries instead of the body. */
    byte[] placeholder(RequestBody body) {
        byte[] placeholder = body.toString().getBytes(StandardCharsets.UTF_8);
        bodies.put(placeholder, body);
        return placeholder;
    }

    /** The body that the bytes stand for, else the bytes themselves. */
    RequestBody of(byte @Nullable [] bytes) {
        if (bytes == null) {
            return RequestBody.empty();
        }
        RequestBody body = bodies.get(bytes);
        return body == null ? RequestBody.of(bytes) : body;
    }
}
