package dev.kimi.internal.call;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.ResponseMark;
import dev.kimi.internal.leak.CallMade;
import dev.kimi.internal.leak.Leaks;
import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.relay.RelayItem;
import dev.kimi.relay.RelayResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The response to a relayed request: handed over through a future when the call can no longer go on elsewhere, and then
 * through a buffer. An error response that the call ends with is handed over like a good one.
 */
final class RelayedResponseFuture implements ResponseConsumer {

    private final boolean streamed;
    private final RelayBuffer buffer;
    private final Executor subscribers;
    private final Executor executor;
    private final Leaks leaks;
    private final CallMade made;
    private final ErrorResponses errors = new ErrorResponses();
    /**
     * Empty once the response was handed over, on the thread that reads its first event, or the call has failed in a
     * turn of it. What refers to the response keeps it from being found when it is dropped.
     */
    private final AtomicReference<@Nullable CallFuture<RelayResponse>> future = new AtomicReference<>();

    private @Nullable Call call;

    /**
     * @param subscribers where a subscriber of the body is called
     * @param executor where stages that depend on the future run
     */
    RelayedResponseFuture(boolean streamed, Executor subscribers, Executor executor, Leaks leaks, CallMade made) {
        this.streamed = streamed;
        this.buffer = new RelayBuffer(subscribers, leaks, made);
        this.subscribers = subscribers;
        this.executor = executor;
        this.leaks = leaks;
        this.made = made;
    }

    /** The future of the response, made before the call begins. */
    CallFuture<RelayResponse> of(Call started) {
        CallFuture<RelayResponse> made = new CallFuture<>();
        made.of(started);
        buffer.of(started);
        call = started;
        future.set(made);
        return made;
    }

    @Override
    public BodyReader open(BodySource body, ResponseHead head, Endpoint endpoint, ResponseMark mark) {
        if (!streamed) {
            return new Whole(head, endpoint, mark);
        }
        ChatStreamDecoder decoder = endpoint.decoder(head.headers(), mark);
        Arrival arrival = new Arrival(head, mark);
        return mark.verbatim()
                ? new VerbatimReader(body, decoder, arrival, mark)
                : new StreamReader(body, decoder, arrival, mark);
    }

    @Override
    public void errorRead(ErrorResponse response) {
        errors.add(response);
    }

    @Override
    public void failed(KimiException failure) {
        ErrorResponse response = errors.behind(failure);
        CallFuture<RelayResponse> waiting = future.getAndSet(null);
        if (waiting == null) {
            buffer.failed(failure);
        } else if (response == null) {
            waiting.fail(failure, executor);
        } else {
            // not the buffer that another thread may be filling at this moment
            RelayBuffer body = new RelayBuffer(subscribers, leaks, made);
            if (response.body().hasRemaining()) {
                body.add(new RelayItem.Bytes(response.body().slice().asReadOnlyBuffer()));
            }
            body.completed();
            handOver(waiting, body, response.head(), response.mark(), response.failure());
        }
    }

    @Override
    public void cancelled(KimiException reason) {
        CallFuture<RelayResponse> waiting = future.getAndSet(null);
        if (waiting != null) {
            waiting.cancelledBy(reason);
            waiting.fail(reason, executor);
        } else {
            buffer.cancelled(reason);
        }
    }

    private void handOver(
            CallFuture<RelayResponse> waiting,
            RelayBuffer body,
            ResponseHead head,
            ResponseMark mark,
            @Nullable KimiException failure) {
        body.opened();
        int attempts = Objects.requireNonNull(call).attempts();
        RelayHandle handle = new RelayHandle(body, head, mark, attempts, failure, leaks);
        if (!waiting.succeed(handle, executor)) {
            // cancelled, or completed by somebody else: nobody can get at the response
            handle.close();
        }
    }

    /** A streamed response of one attempt. */
    private final class Arrival implements VerbatimReader.Sink {
        private final ResponseHead head;
        private final ResponseMark mark;

        private Arrival(ResponseHead head, ResponseMark mark) {
            this.head = head;
            this.mark = mark;
        }

        @Override
        public void add(ChatEvent event) {
            add(new RelayItem.Event(event));
        }

        @Override
        public void add(ByteBuffer bytes) {
            add(new RelayItem.Bytes(bytes));
        }

        private void add(RelayItem item) {
            buffer.add(item);
            // once; whoever comes later finds that it was done, or that the call has failed
            CallFuture<RelayResponse> waiting = future.get();
            if (waiting != null && future.compareAndSet(waiting, null)) {
                handOver(waiting, buffer, head, mark, null);
            }
        }

        @Override
        public void relaysError() {
            buffer.relaysError();
        }

        @Override
        public void used(Usage usage) {
            buffer.used(usage);
        }

        @Override
        public boolean wantsMore(BodySource body) {
            return buffer.wantsMore(body);
        }

        @Override
        public void completed(ChatResponse response) {
            buffer.used(response.usage());
            add(new RelayItem.Whole(response));
            buffer.completed();
        }
    }

    /** A response that is not streamed. */
    private final class Whole extends Collector {
        private final ResponseHead head;
        private final Endpoint endpoint;
        private final ResponseMark mark;
        private @Nullable ChatResponse response;

        private Whole(ResponseHead head, Endpoint endpoint, ResponseMark mark) {
            super(head.headers(), WholeResponseFuture.MAX_BYTES, false);
            this.head = head;
            this.endpoint = endpoint;
            this.mark = mark;
        }

        @Override
        public void end(ErrorContext context) {
            response = mark.on(endpoint.decode(body(), context));
        }

        private ChatResponse response() {
            return Objects.requireNonNull(response, "the body has not ended");
        }

        @Override
        public Usage usage() {
            return response().usage();
        }

        @Override
        public List<ChatResponse.Note> notes() {
            return mark.beyond(response());
        }

        @Override
        public void handOver() {
            Arrival arrival = new Arrival(head, mark);
            if (mark.verbatim()) {
                arrival.add(body().slice().asReadOnlyBuffer());
            }
            arrival.completed(response());
        }
    }
}
