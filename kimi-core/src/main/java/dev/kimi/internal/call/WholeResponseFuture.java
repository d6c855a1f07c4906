package dev.kimi.internal.call;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.ResponseMark;
import dev.kimi.internal.protocol.ErrorContext;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A response that is handed over when it is whole, through a future. */
final class WholeResponseFuture<T> implements ResponseConsumer {

    static final int MAX_BYTES = 32 << 20;

    /** Makes the value of a whole body; what the context says of status and headers is the response's. */
    @FunctionalInterface
    interface Decoder<T> {
        T decode(Endpoint endpoint, ByteBuffer body, ErrorContext context, ResponseMark mark);
    }

    private final CallFuture<T> future = new CallFuture<>();
    private final Decoder<T> decoder;
    private final Runnable onHead;
    private final Executor executor;
    private final @Nullable Function<ErrorResponse, T> ofError;
    private final ErrorResponses errors = new ErrorResponses();

    /** @param executor where stages that depend on the future run */
    WholeResponseFuture(Decoder<T> decoder, Executor executor) {
        this(decoder, () -> {}, executor, null);
    }

    /** @param onHead run in the turn of the call that opens a good response */
    WholeResponseFuture(Decoder<T> decoder, Runnable onHead, Executor executor) {
        this(decoder, onHead, executor, null);
    }

    /** @param ofError makes the value of an error response that the call ends with, or null to fail with it */
    WholeResponseFuture(
            Decoder<T> decoder, Runnable onHead, Executor executor, @Nullable Function<ErrorResponse, T> ofError) {
        this.decoder = decoder;
        this.onHead = onHead;
        this.executor = executor;
        this.ofError = ofError;
    }

    CallFuture<T> future() {
        return future;
    }

    @Override
    public BodyReader open(BodySource body, ResponseHead head, Endpoint endpoint, ResponseMark mark) {
        onHead.run();
        return new Body(head, endpoint, mark);
    }

    @Override
    public void errorRead(ErrorResponse response) {
        if (ofError != null) {
            errors.add(response);
        }
    }

    @Override
    public void failed(KimiException failure) {
        ErrorResponse response = errors.behind(failure);
        if (response == null || ofError == null) {
            future.fail(failure, executor);
        } else {
            future.succeed(ofError.apply(response), executor);
        }
    }

    @Override
    public void cancelled(KimiException reason) {
        future.cancelledBy(reason);
        future.fail(reason, executor);
    }

    private final class Body extends Collector {
        private final Endpoint endpoint;
        private final ResponseMark mark;
        private @Nullable T value;

        private Body(ResponseHead head, Endpoint endpoint, ResponseMark mark) {
            super(head.headers(), MAX_BYTES, false);
            this.endpoint = endpoint;
            this.mark = mark;
        }

        @Override
        public void end(ErrorContext context) {
            value = decoder.decode(endpoint, body(), context, mark);
        }

        @Override
        public Usage usage() {
            return value() instanceof ChatResponse response ? response.usage() : Usage.NONE;
        }

        @Override
        public List<ChatResponse.Note> notes() {
            return value() instanceof ChatResponse response ? mark.beyond(response) : List.of();
        }

        @Override
        public void handOver() {
            future.succeed(value(), executor);
        }

        private T value() {
            T read = value;
            if (read == null) {
                throw new IllegalStateException("the body has not ended");
            }
            return read;
        }
    }
}
