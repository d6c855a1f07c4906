package dev.kimi.internal.call;

import dev.kimi.error.KimiException;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.ResponseMark;
import dev.kimi.internal.leak.CallMade;
import dev.kimi.internal.leak.Leaks;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.util.Gunzip;
import dev.kimi.service.ServiceStream;
import dev.kimi.transport.TransportFailure;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A response whose head is handed over through a future, and whose body then goes through a buffer. Handing over the
 * head is the commit point: its caller has seen status and headers, so no other response can take their place.
 */
final class StreamedResponseFuture implements ResponseConsumer {

    private final BodyBuffer buffer;
    private final Executor executor;
    private final Leaks leaks;
    private final boolean errorsToo;
    private final ErrorResponses errors = new ErrorResponses();
    /** Null once the head was handed over: what refers to the stream keeps it from being found when it is dropped. */
    private @Nullable CallFuture<ServiceStream> future;

    /**
     * @param subscribers where a subscriber of the body is called
     * @param executor where stages that depend on the future run
     * @param errorsToo whether an error response that the call ends with is handed over too
     */
    StreamedResponseFuture(Executor subscribers, Executor executor, Leaks leaks, CallMade made, boolean errorsToo) {
        this.buffer = new BodyBuffer(subscribers, leaks, made);
        this.executor = executor;
        this.leaks = leaks;
        this.errorsToo = errorsToo;
    }

    /** The future of the head, made before the call begins. */
    CallFuture<ServiceStream> of(CallHandle started) {
        CallFuture<ServiceStream> made = new CallFuture<>();
        made.of(started);
        buffer.of(started);
        future = made;
        return made;
    }

    @Override
    public BodyReader open(BodySource body, ResponseHead head, Endpoint endpoint, ResponseMark mark) {
        return new Body(body, head);
    }

    @Override
    public void errorRead(ErrorResponse response) {
        if (errorsToo) {
            errors.add(response);
        }
    }

    @Override
    public void failed(KimiException failure) {
        CallFuture<ServiceStream> waiting = future;
        ErrorResponse response = waiting == null ? null : errors.behind(failure);
        if (response != null) {
            if (response.body().hasRemaining()) {
                buffer.add(response.body().slice().asReadOnlyBuffer());
            }
            buffer.completed();
            handOverHead(response.head());
        } else if (waiting != null) {
            waiting.fail(failure, executor);
        } else {
            buffer.failed(failure);
        }
    }

    @Override
    public void cancelled(KimiException reason) {
        CallFuture<ServiceStream> waiting = future;
        if (waiting != null) {
            waiting.cancelledBy(reason);
            waiting.fail(reason, executor);
        } else {
            buffer.cancelled(reason);
        }
    }

    private void handOverHead(ResponseHead head) {
        CallFuture<ServiceStream> waiting = future;
        if (waiting == null) {
            throw new IllegalStateException("a head was handed over before");
        }
        future = null;
        buffer.opened();
        ServiceStreamHandle handle = new ServiceStreamHandle(head, buffer, leaks);
        if (!waiting.succeed(handle, executor)) {
            // cancelled, or completed by somebody else: nobody can get at the stream
            handle.close();
        }
    }

    private final class Body implements BodyReader {
        private final BodySource body;
        private final ResponseHead head;
        /** Written by the transport's thread; where a break is reported, by that thread. */
        private volatile long received;

        private Body(BodySource body, ResponseHead head) {
            this.body = body;
            this.head = head;
        }

        @Override
        public long firstDemand() {
            return 1;
        }

        @Override
        public void begun() {
            body.commit();
            handOverHead(head);
        }

        @Override
        public void feed(ByteBuffer piece) {
            byte[] kept = new byte[piece.remaining()];
            piece.get(kept);
            if (kept.length > 0) {
                received += kept.length;
                buffer.add(ByteBuffer.wrap(kept).asReadOnlyBuffer());
            }
        }

        @Override
        public void chunkRead() {
            boolean more = buffer.wantsMore(body);
            body.silence().heard(true, more);
            if (more) {
                body.requestNext();
            }
        }

        @Override
        public boolean contentBegun() {
            return received > 0;
        }

        @Override
        public boolean complete() {
            return false;
        }

        @Override
        public void end(ErrorContext context) {
            // whole by the rules of HTTP, and nothing else is known of it
        }

        @Override
        public KimiException broken(TransportFailure failure, ErrorContext context) {
            return Failures.bodyBroken(received, failure.cause(), context);
        }

        @Override
        public KimiException unpackable(Gunzip.BadBody bad, ErrorContext context) {
            return Failures.bodyGarbled(received, bad, context);
        }

        @Override
        public void handOver() {
            buffer.completed();
        }
    }
}
