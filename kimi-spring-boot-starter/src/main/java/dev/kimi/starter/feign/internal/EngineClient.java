package dev.kimi.starter.feign.internal;

import dev.kimi.KimiClient;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceResponse;
import dev.kimi.service.ServiceStream;
import dev.kimi.transport.Headers;
import feign.Client;
import feign.Request;
import feign.Response;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Lets a Kimi client carry what Feign sends. The host of the URL is the name of the client; where the service is, the
 * client knows. Feign's own timeouts are not used: those of the client are.
 */
public final class EngineClient implements Client {

    /** Written by the client, or of another service, beside what no caller may write at all. */
    private static final Set<String> NOT_PASSED_ON = Set.of("accept", "cookie");

    private final ClientHosts hosts;

    EngineClient(ClientHosts hosts) {
        this.hosts = hosts;
    }

    @Override
    public Response execute(Request request, Request.Options options) {
        URI url = URI.create(request.url());
        KimiClient client = hosts.find(url);
        ServiceRequest call = serviceRequest(request, url);
        if (JsonLines.areAskedForBy(request)) {
            ServiceStream stream = client.exchangeStream(call);
            return response(request, stream.status(), stream.headers())
                    .body(new StreamedBody(stream))
                    .build();
        }
        ServiceResponse response = client.exchange(call);
        return response(request, response.status(), response.headers())
                .body(response.body())
                .build();
    }

    private static Response.Builder response(Request request, int status, Headers headers) {
        return Response.builder().request(request).status(status).headers(lines(headers));
    }

    private static ServiceRequest serviceRequest(Request request, URI url) {
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        String target = url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
        byte[] body = request.body() == null ? new byte[0] : request.body();
        ServiceRequest call = ServiceRequest.of(request.httpMethod().name(), target, body);
        for (Map.Entry<String, Collection<String>> header : request.headers().entrySet()) {
            String name = header.getKey();
            if (!ServiceRequest.isReserved(name) && !NOT_PASSED_ON.contains(name.toLowerCase(Locale.ROOT))) {
                call = call.header(name, String.join(", ", header.getValue()));
            }
        }
        return call;
    }

    private static Map<String, Collection<String>> lines(Headers headers) {
        Map<String, List<String>> lines = new TreeMap<>();
        headers.forEach((name, value) ->
                lines.computeIfAbsent(name, n -> new ArrayList<>(1)).add(value));
        return Map.copyOf(lines);
    }
}
