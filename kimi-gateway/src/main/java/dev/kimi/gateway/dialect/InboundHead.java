package dev.kimi.gateway.dialect;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The head of a client's request.
 *
 * @param path the path, without the query
 * @param query the raw query without its question mark, or null
 * @param headers names in lower case; several lines of one name joined with {@code ", "}; without credentials
 */
public record InboundHead(String path, @Nullable String query, Map<String, String> headers) {
    public InboundHead {
        headers = Map.copyOf(headers);
    }
}
