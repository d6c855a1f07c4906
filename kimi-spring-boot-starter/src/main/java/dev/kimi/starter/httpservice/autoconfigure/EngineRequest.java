package dev.kimi.starter.httpservice.autoconfigure;

import dev.kimi.KimiClient;
import dev.kimi.service.ServiceRequest;
import dev.kimi.starter.internal.Requests;
import dev.kimi.transport.RequestBody;
import java.io.OutputStream;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.AbstractClientHttpRequest;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.util.FastByteArrayOutputStream;

/** A request that a client carries; its body is whole before it is sent, and so is the response. */
final class EngineRequest extends AbstractClientHttpRequest {

    private final KimiClient client;
    private final URI url;
    private final HttpMethod method;
    private final FastByteArrayOutputStream body = new FastByteArrayOutputStream();

    EngineRequest(KimiClient client, URI url, HttpMethod method) {
        this.client = client;
        this.url = url;
        this.method = method;
    }

    @Override
    public HttpMethod getMethod() {
        return method;
    }

    @Override
    public URI getURI() {
        return url;
    }

    @Override
    protected OutputStream getBodyInternal(HttpHeaders headers) {
        return body;
    }

    @Override
    protected ClientHttpResponse executeInternal(HttpHeaders headers) {
        ServiceRequest call = Requests.of(method.name(), url, RequestBody.of(body.toByteArray()));
        for (Map.Entry<String, List<String>> header : headers.headerSet()) {
            call = Requests.with(call, header.getKey(), header.getValue());
        }
        return new EngineResponse(client.exchange(call));
    }
}
