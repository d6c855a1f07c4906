package dev.kimi.gateway.face;

import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayException;
import java.util.Arrays;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.util.context.Context;

/**
 * Reads a body into one array that grows as bytes come, so that a length that is only claimed costs nothing, and stops
 * reading at the limit.
 */
final class BodyReader implements CoreSubscriber<DataBuffer> {

    private static final int FIRST = 16 * 1024;

    private final MonoSink<byte[]> sink;
    private final long limit;
    private final long announced;
    private byte[] bytes;
    private int length;
    private boolean over;
    private Subscription subscription = NONE;

    private BodyReader(MonoSink<byte[]> sink, long limit, long announced) {
        this.sink = sink;
        this.limit = limit;
        this.announced = announced;
        this.bytes = new byte[(int) (announced >= 0 ? Math.min(announced, FIRST) : FIRST)];
    }

    /** Fails with a {@link GatewayException} of status 413 if there is more than the limit. */
    static Mono<byte[]> read(ServerHttpRequest request, long limit) {
        long announced = request.getHeaders().getContentLength();
        if (announced > limit) {
            return Mono.error(tooLarge(limit));
        }
        return Mono.create(sink -> request.getBody().subscribe(new BodyReader(sink, limit, announced)));
    }

    static GatewayException tooLarge(long limit) {
        return new GatewayException(GatewayError.of(
                GatewayError.Kind.TOO_LARGE,
                413,
                "The body of the request is larger than " + limit + " bytes, which is the limit of this path."));
    }

    @Override
    public Context currentContext() {
        return Context.of(sink.contextView());
    }

    @Override
    public void onSubscribe(Subscription s) {
        this.subscription = s;
        sink.onCancel(s::cancel);
        s.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(DataBuffer buffer) {
        try {
            int count = buffer.readableByteCount();
            if (over) {
                return;
            }
            if (length + (long) count > limit) {
                over = true;
                subscription.cancel();
                sink.error(tooLarge(limit));
                return;
            }
            if (length + count > bytes.length) {
                grow(length + count);
            }
            buffer.read(bytes, length, count);
            length += count;
        } finally {
            DataBufferUtils.release(buffer);
        }
    }

    private void grow(int needed) {
        long doubled = Math.max(needed, 2L * bytes.length);
        long most = announced >= needed ? announced : limit;
        bytes = Arrays.copyOf(bytes, (int) Math.min(doubled, most));
    }

    @Override
    public void onError(Throwable t) {
        // A body that took too long to come has a client that waits for the response.
        sink.error(t instanceof GatewayException ? t : new ClientGone(t));
    }

    @Override
    public void onComplete() {
        sink.success(length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
    }

    /** The body has not come to its end. */
    static final class ClientGone extends RuntimeException {

        private static final long serialVersionUID = 1;

        ClientGone(Throwable cause) {
            super("the body of the request broke off", cause, false, false);
        }
    }

    private static final Subscription NONE = new Subscription() {
        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
    };
}
