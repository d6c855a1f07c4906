package dev.kimi.vendor.internal;

import dev.kimi.service.ServiceRequest;
import dev.kimi.transport.RequestBody;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes an SDK's request as one of the engine. Not thread-safe. */
final class RequestWriter {

    private static final String RETRY_COUNT = "x-stainless-retry-count";

    /** Credentials beside those that no caller may write at all, and a count of other retries than the client's. */
    private static final Set<String> NOT_PASSED_ON = Set.of("api-key", "x-goog-api-key", "cookie", RETRY_COUNT);

    private ServiceRequest request;
    private boolean isRetry;

    private RequestWriter(ServiceRequest request) {
        this.request = request;
    }

    /**
     * @param body that of the request, as the engine reads it
     * @throws IllegalArgumentException if the URL is not below the client's base URL, or a header cannot be sent
     */
    static RequestWriter of(VendorRequest request, RequestBody body, URI baseUrl) {
        String path = pathBelow(baseUrl, URI.create(request.url()));
        RequestWriter writer = new RequestWriter(ServiceRequest.of(request.method(), path, body));
        request.headers(writer::header);
        writer.contentType(request.body());
        writer.timeout(request.timeout());
        return writer;
    }

    private void header(String name, List<String> values) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.equals(RETRY_COUNT)) {
            isRetry = !values.equals(List.of("0"));
        }
        if (!values.isEmpty() && !ServiceRequest.isReserved(name) && !NOT_PASSED_ON.contains(lower)) {
            request = request.header(lower, String.join(", ", values));
        }
    }

    private void contentType(@Nullable VendorBody body) {
        String type = body == null ? null : body.contentType();
        if (type != null && !request.headers().containsKey("content-type")) {
            request = request.header("content-type", type);
        }
    }

    private void timeout(@Nullable Duration value) {
        if (value != null && !value.isZero()) {
            request = request.deadline(value);
        }
    }

    /** Whether the SDK sends the request again on its own account. */
    boolean isRetry() {
        return isRetry;
    }

    ServiceRequest request() {
        return request;
    }

    private static String pathBelow(URI base, URI url) {
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        if (base.getHost() != null) {
            String prefix = base.getRawPath() == null ? "" : base.getRawPath();
            if (!origin(base).equals(origin(url)) || !path.startsWith(prefix + "/")) {
                throw new IllegalArgumentException("the SDK's base URL leads to " + origin(url) + path
                        + ", but the Kimi client calls " + origin(base) + prefix
                        + ": leave the SDK's base URL as this module sets it, or make a Kimi client for the other");
            }
            path = path.substring(prefix.length());
        }
        if (Arrays.stream(path.split("/")).anyMatch(Set.of(".", "..")::contains)) {
            // a service would read another path than the one that is counted and logged
            throw new IllegalArgumentException("a segment of a path must not be . or ..: look at the ids of the call");
        }
        // only in a query is a plus a blank
        path = path.replace("+", "%20");
        return url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
    }

    private static String origin(URI uri) {
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("http") ? 80 : 443;
        return scheme + "://" + String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT) + ":" + port;
    }
}
