package dev.kimi.test.internal;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The rules for cache breakpoints. */
final class CacheRules {

    private static final int MOST = 4;

    private CacheRules() {}

    static @Nullable ApiError check(Prompt prompt) {
        JsonNode automatic = prompt.request().path("cache_control");
        int count = automatic.isObject() ? 1 : 0;
        boolean briefSeen = false;
        JsonNode last = automatic;
        for (Prompt.Segment segment : prompt.segments()) {
            last = segment.cacheControl();
            for (JsonNode block : segment.json().path("content")) {
                count += block.path("cache_control").isObject() ? 1 : 0;
            }
            if (!last.isObject()) {
                continue;
            }
            count++;
            String at = segment.path() + ".cache_control";
            if (!"ephemeral".equals(Json.text(last, "type"))) {
                return ApiError.invalid(at + ".type: Input should be 'ephemeral'");
            }
            if (brief(last)) {
                briefSeen = true;
            } else if (briefSeen) {
                return ApiError.invalid(at + ".ttl: a ttl='1h' cache_control block must not come after a ttl='5m'"
                        + " cache_control block. Note that blocks are processed in the following order: `tools`,"
                        + " `system`, `messages`.");
            }
        }
        if (automatic.isObject() && last.isObject() && brief(automatic) != brief(last)) {
            return ApiError.invalid("cache_control.ttl: differs from the ttl of the last block");
        }
        return count <= MOST
                ? null
                : ApiError.invalid(
                        "A maximum of " + MOST + " blocks with cache_control may be provided. Found " + count + ".");
    }

    private static boolean brief(JsonNode control) {
        return !"1h".equals(Json.text(control, "ttl"));
    }
}
