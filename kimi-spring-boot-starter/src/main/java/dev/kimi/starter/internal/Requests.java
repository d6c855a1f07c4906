package dev.kimi.starter.internal;

import dev.kimi.service.ServiceRequest;
import dev.kimi.transport.RequestBody;
import java.net.URI;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;

/** Requests of declarative clients as those of a client. */
public final class Requests {

    /** Written by the client, or of another service, beside what no caller may write at all. */
    private static final Set<String> NOT_PASSED_ON = Set.of("accept", "cookie");

    private Requests() {}

    /** The request without headers; of the URL its path and query, since where the service is, the client knows. */
    public static ServiceRequest of(String method, URI url, RequestBody body) {
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        return ServiceRequest.of(method, url.getRawQuery() == null ? path : path + "?" + url.getRawQuery(), body);
    }

    /** The request with a header, unless it is one that is not passed on. */
    public static ServiceRequest with(ServiceRequest request, String name, Collection<String> values) {
        return ServiceRequest.isReserved(name) || NOT_PASSED_ON.contains(name.toLowerCase(Locale.ROOT))
                ? request
                : request.header(name, String.join(", ", values));
    }
}
