package dev.kimi.starter.feign.internal;

import dev.kimi.KimiClient;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceResponse;
import dev.kimi.service.ServiceStream;
import dev.kimi.starter.internal.ClientHosts;
import dev.kimi.starter.internal.Requests;
import dev.kimi.transport.Headers;
import feign.Client;
import feign.Request;
import feign.Response;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Lets a Kimi client carry what Feign sends. The host of the URL is the name of the client; where the service is, the
 * client knows. Feign's own timeouts are not used: those of the client are.
 */
public final class EngineClient implements Client {

    private final ClientHosts hosts;
    private final StreamedBodies streamed;

    EngineClient(ClientHosts hosts, StreamedBodies streamed) {
        this.hosts = hosts;
        this.streamed = streamed;
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

    private ServiceRequest serviceRequest(Request request, URI url) {
        ServiceRequest call = Requests.of(request.httpMethod().name(), url, streamed.of(request.body()));
        for (Map.Entry<String, Collection<String>> header : request.headers().entrySet()) {
            call = Requests.with(call, header.getKey(), header.getValue());
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
