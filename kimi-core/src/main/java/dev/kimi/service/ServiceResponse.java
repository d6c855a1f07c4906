package dev.kimi.service;

import dev.kimi.transport.Headers;
import java.nio.charset.StandardCharsets;

/**
 * A 2xx response of the service, whole; any other status is thrown as an exception, unless
 * {@linkplain ServiceRequest#errorsAsResponses(boolean) the request wants it}. Does not print its body.
 */
public final class ServiceResponse {

    private final int status;
    private final Headers headers;
    private final byte[] body;

    /** @param body not copied */
    public ServiceResponse(int status, Headers headers, byte[] body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    public int status() {
        return status;
    }

    public Headers headers() {
        return headers;
    }

    /** The body itself, not a copy; empty when there was none. */
    public byte[] body() {
        return body;
    }

    /** The body as UTF-8. */
    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "ServiceResponse[" + status + ", " + body.length + " bytes]";
    }
}
