package dev.kimi.internal.protocol;

import dev.kimi.transport.Headers;
import java.util.LinkedHashMap;
import java.util.Map;

/** Picks out of a response's headers those in which services say how much is left of an account's limits. */
public final class RateLimitHeaders {

    private RateLimitHeaders() {}

    /** Those headers by their name in lower case, the first value of each; empty when there are none. */
    public static Map<String, String> of(Headers headers) {
        Picked picked = new Picked();
        headers.forEach(picked::visit);
        return picked.found;
    }

    private static final class Picked {
        private Map<String, String> found = Map.of();

        private void visit(String name, String value) {
            if (!isRateLimit(name)) {
                return;
            }
            if (found.isEmpty()) {
                found = new LinkedHashMap<>();
            }
            found.putIfAbsent(name, value);
        }
    }

    private static boolean isRateLimit(String name) {
        return name.startsWith("x-ratelimit-")
                || name.startsWith("anthropic-ratelimit-")
                // the limits of Anthropic's tiers, whose names say less
                || name.startsWith("anthropic-priority-")
                || name.startsWith("anthropic-fast-")
                || name.equals("retry-after");
    }
}
