package dev.kimi.starter.httpservice.autoconfigure;

import dev.kimi.service.ServiceResponse;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpResponse;

/** A response in memory, of which there is nothing to close. */
final class EngineResponse implements ClientHttpResponse {

    private final ServiceResponse response;
    private final HttpHeaders headers = new HttpHeaders();
    private final InputStream body;

    EngineResponse(ServiceResponse response) {
        this.response = response;
        this.body = new ByteArrayInputStream(response.body());
        response.headers().forEach(headers::add);
    }

    @Override
    public HttpStatusCode getStatusCode() {
        return HttpStatusCode.valueOf(response.status());
    }

    @Override
    public String getStatusText() {
        HttpStatus status = HttpStatus.resolve(response.status());
        return status == null ? "" : status.getReasonPhrase();
    }

    @Override
    public HttpHeaders getHeaders() {
        return headers;
    }

    @Override
    public InputStream getBody() {
        return body;
    }

    @Override
    public void close() {}
}
