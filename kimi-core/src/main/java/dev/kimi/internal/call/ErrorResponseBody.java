package dev.kimi.internal.call;

import dev.kimi.error.KimiException;
import dev.kimi.internal.endpoint.CallRequest;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.ResponseMark;
import dev.kimi.internal.protocol.ErrorContext;

/** Reads the body of a response without a 2xx status: it ends with what the service says went wrong. */
final class ErrorResponseBody extends Collector {

    private static final int MAX_BYTES = 64 << 10;

    private final CallRequest request;
    private final Endpoint endpoint;

    private final ResponseHead head;
    private final ResponseMark mark;
    private final ResponseConsumer consumer;

    /** @param consumer notified of what was read */
    ErrorResponseBody(
            ResponseHead head, CallRequest request, Endpoint endpoint, ResponseMark mark, ResponseConsumer consumer) {
        super(head.headers(), MAX_BYTES, true);
        this.head = head;
        this.mark = mark;
        this.consumer = consumer;
        this.request = request;
        this.endpoint = endpoint;
    }

    @Override
    public void end(ErrorContext context) {
        KimiException failure = endpoint.error(request, body(), context);
        consumer.errorRead(new ErrorResponse(failure, head, mark, body()));
        throw failure;
    }

    @Override
    public void handOver() {
        throw new IllegalStateException("an error response is nothing to hand over");
    }
}
