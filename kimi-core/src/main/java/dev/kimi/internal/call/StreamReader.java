package dev.kimi.internal.call;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.KimiException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.protocol.ErrorContext;
import java.nio.ByteBuffer;

/** Reads the body of a stream: bytes to events, events to the buffer that the consumer takes them from. */
final class StreamReader implements BodyReader {

    private final Attempt attempt;
    private final ChatStreamDecoder decoder;
    private final StreamAnswer stream;
    private long eventsBefore;
    private boolean delivered;

    StreamReader(Attempt attempt, ChatStreamDecoder decoder, StreamAnswer stream) {
        this.attempt = attempt;
        this.decoder = decoder;
        this.stream = stream;
    }

    @Override
    public long firstDemand() {
        return 1;
    }

    @Override
    public void feed(ByteBuffer piece) {
        decoder.feed(piece, this::deliver);
    }

    @Override
    public void chunkRead() {
        long events = decoder.eventsRead();
        boolean more = stream.wantsMore(attempt);
        // until something was delivered, an event without content is what the limit on the first event waits for
        attempt.silence().heard(attempt.committed() ? delivered : events != eventsBefore, more);
        eventsBefore = events;
        delivered = false;
        if (more) {
            attempt.requestNext();
        }
    }

    private void deliver(ChatEvent event) {
        if (attempt.commit()) {
            delivered = true;
            stream.add(event);
        }
    }

    @Override
    public boolean complete() {
        return decoder.complete();
    }

    @Override
    public void end(ErrorContext context) {
        if (!decoder.complete()) {
            decoder.end(this::deliver);
        }
        if (!decoder.complete()) {
            throw truncated(context);
        }
    }

    private KimiException truncated(ErrorContext context) {
        return Failures.truncated(partial(), null, context);
    }

    TruncatedStreamException.Partial partial() {
        return decoder.partial();
    }

    ChatResponse response() {
        return decoder.response();
    }
}
