package dev.kimi.internal.call;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** An answer that is handed over when it is whole, through a future. */
final class WholeAnswer<T> implements Answer {

    /** Makes the answer of a body. */
    @FunctionalInterface
    interface Decoder<T> {
        T decode(int status, Headers headers, ByteBuffer body, ErrorContext context);
    }

    private final CallFuture<T> future = new CallFuture<>();
    private final Decoder<T> decoder;
    private final Executor executor;

    /**
     * @param executor where stages that depend on the future run
     */
    WholeAnswer(Decoder<T> decoder, Executor executor) {
        this.decoder = decoder;
        this.executor = executor;
    }

    CallFuture<T> future() {
        return future;
    }

    @Override
    public BodyReader open(Attempt attempt, int status, Headers headers) {
        return new Body<>(decoder, status, headers);
    }

    @Override
    public void succeeded(BodyReader reader) {
        future.succeed(valueOf(reader), executor);
    }

    @Override
    public void failed(KimiException failure) {
        future.fail(failure, executor);
    }

    @Override
    public void cancelled(KimiException reason) {
        future.cancelledBy(reason);
        failed(reason);
    }

    @Override
    public Usage usage(BodyReader reader) {
        return valueOf(reader) instanceof ChatResponse response ? response.usage() : Usage.NONE;
    }

    @SuppressWarnings("unchecked")
    private T valueOf(BodyReader reader) {
        T value = ((Body<T>) reader).value;
        if (value == null) {
            throw new IllegalStateException("the body has not ended");
        }
        return value;
    }

    private static final class Body<T> extends Collector {
        private final Decoder<T> decoder;
        private final int status;
        private final Headers headers;
        private @Nullable T value;

        private Body(Decoder<T> decoder, int status, Headers headers) {
            super(headers, Engine.ANSWER_LIMIT, false);
            this.decoder = decoder;
            this.status = status;
            this.headers = headers;
        }

        @Override
        public void end(ErrorContext context) {
            value = decoder.decode(status, headers, body(), context);
        }
    }
}
