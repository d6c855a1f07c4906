package dev.kimi.internal.call;

import dev.kimi.internal.endpoint.CallRequest;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.protocol.ErrorContext;

/** Reads the body of a response without a 2xx status: it ends with what the service says went wrong. */
final class ErrorResponseBody extends Collector {

    private static final int MAX_BYTES = 64 << 10;

    private final CallRequest request;
    private final Endpoint endpoint;

    ErrorResponseBody(ResponseHead head, CallRequest request, Endpoint endpoint) {
        super(head.headers(), MAX_BYTES, true);
        this.request = request;
        this.endpoint = endpoint;
    }

    @Override
    public void end(ErrorContext context) {
        throw endpoint.error(request, body(), context);
    }

    @Override
    public void handOver() {
        throw new IllegalStateException("an error response is nothing to hand over");
    }
}
