package dev.kimi.gateway.face;

import dev.kimi.gateway.dialect.InboundHead;
import dev.kimi.transport.Headers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;

/** Which headers go through the gateway. */
final class HeaderRules {

    /** Of credentials, which go no further than to the gateway's own check. */
    private static final Set<String> SECRET = Set.of("authorization", "x-api-key", "cookie", "proxy-authorization");

    private static final Set<String> OF_RESPONSES = Set.of(
            "content-type",
            "content-disposition",
            "request-id",
            "x-request-id",
            "retry-after",
            "retry-after-ms",
            "x-should-retry",
            "etag",
            "last-modified");

    private HeaderRules() {}

    /** The head of the request without credentials. */
    static InboundHead head(ServerHttpRequest request) {
        Map<String, String> headers = new LinkedHashMap<>();
        request.getHeaders().forEach((name, values) -> {
            String key = name.toLowerCase(Locale.ROOT);
            if (!SECRET.contains(key)) {
                headers.merge(key, String.join(", ", values), (one, other) -> one + ", " + other);
            }
        });
        return new InboundHead(request.getURI().getRawPath(), request.getURI().getRawQuery(), headers);
    }

    /** The credentials of the request, of {@code authorization} without its scheme and of {@code x-api-key}. */
    static List<char[]> credentials(ServerHttpRequest request) {
        List<char[]> presented = new ArrayList<>(2);
        for (String value : request.getHeaders().getOrEmpty("authorization")) {
            boolean bearer = value.regionMatches(true, 0, "Bearer ", 0, 7);
            presented.add((bearer ? value.substring(7) : value).strip().toCharArray());
        }
        for (String value : request.getHeaders().getOrEmpty("x-api-key")) {
            presented.add(value.strip().toCharArray());
        }
        return presented;
    }

    /** Hands the headers of a service over that tell its client something. */
    static void copyOfService(Headers from, HttpHeaders to) {
        from.forEach((name, value) -> {
            if (OF_RESPONSES.contains(name) || name.startsWith("anthropic-") || name.contains("ratelimit")) {
                to.set(name, value);
            }
        });
    }
}
