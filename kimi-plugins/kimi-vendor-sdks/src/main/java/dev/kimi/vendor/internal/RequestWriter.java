package dev.kimi.vendor.internal;

import dev.kimi.KimiClient;
import dev.kimi.service.ServiceRequest;
import dev.kimi.transport.RequestBody;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes an SDK's request as one of the engine. Not thread-safe. */
public final class RequestWriter {

    private static final String RETRY_COUNT = "x-stainless-retry-count";

    /** What the client writes itself beside what no caller may write at all; the count would be of other retries. */
    private static final Set<String> NOT_PASSED_ON = Set.of("cookie", RETRY_COUNT);

    private ServiceRequest request;
    private boolean isRetry;

    /**
     * @param url absolute
     * @throws IllegalArgumentException if the URL is not below the client's base URL
     */
    public RequestWriter(KimiClient client, String method, String url, @Nullable VendorBody body) throws IOException {
        RequestBody written = body == null ? RequestBody.empty() : WrittenBody.of(body);
        this.request = ServiceRequest.of(method, pathBelow(client.baseUrl(), URI.create(url)), written);
    }

    /** A header with all its values. Credentials and what the transport writes are left out. */
    public void header(String name, List<String> values) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.equals(RETRY_COUNT)) {
            isRetry = !values.equals(List.of("0"));
        }
        if (!values.isEmpty() && !ServiceRequest.isReserved(name) && !NOT_PASSED_ON.contains(lower)) {
            request = request.header(lower, String.join(", ", values));
        }
    }

    /** The media type of the body, unless a header says it. */
    public void contentType(@Nullable String value) {
        if (value != null && !request.headers().containsKey("content-type")) {
            request = request.header("content-type", value);
        }
    }

    /** Time for the whole call; zero and null mean the client's total timeout. */
    public void timeout(@Nullable Duration value) {
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
        return url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
    }

    private static String origin(URI uri) {
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("http") ? 80 : 443;
        return scheme + "://" + String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT) + ":" + port;
    }
}
