package dev.kimi.internal.call;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import dev.kimi.internal.endpoint.ResponseMark;
import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.util.Gunzip;
import dev.kimi.transport.TransportFailure;
import java.nio.ByteBuffer;
import java.util.List;

/** Reads the body of a stream: bytes to events, events to the buffer that the consumer takes them from. */
class StreamReader implements BodyReader {

    final BodySource body;
    final ChatStreamDecoder decoder;
    private final EventSink sink;
    private ResponseMark mark;
    private long eventsBefore;
    /** Whether the last chunk held content that was delivered. */
    boolean delivered;

    StreamReader(BodySource body, ChatStreamDecoder decoder, EventSink sink, ResponseMark mark) {
        this.body = body;
        this.decoder = decoder;
        this.sink = sink;
        this.mark = mark;
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
        // what has delivered nothing fills nothing, and must not stand in the way of another attempt that has
        boolean more = !body.committed() || sink.wantsMore(body);
        // until something was delivered, an event without content is what the limit on the first event waits for
        body.silence().heard(body.committed() ? delivered : events != eventsBefore, more);
        eventsBefore = events;
        delivered = false;
        if (body.committed()) {
            sink.used(decoder.usage());
        }
        if (more) {
            body.requestNext();
        }
    }

    void deliver(ChatEvent event) {
        if (body.commit()) {
            delivered = true;
            sink.add(event);
        }
    }

    @Override
    public boolean contentBegun() {
        return body.committed();
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
            throw Failures.truncated(decoder.partial(), null, context);
        }
    }

    @Override
    public KimiException broken(TransportFailure failure, ErrorContext context) {
        return Failures.truncated(decoder.partial(), failure.cause(), context);
    }

    @Override
    public KimiException unpackable(Gunzip.BadBody bad, ErrorContext context) {
        return body.committed() ? Failures.garbled(decoder.partial(), bad, context) : Failures.unpackable(bad, context);
    }

    @Override
    public Usage usage() {
        return decoder.response().usage();
    }

    @Override
    public List<ChatResponse.Note> notes() {
        return decoder.response().notes();
    }

    @Override
    public void note(ChatResponse.Note note) {
        mark = mark.after(List.of(note));
    }

    @Override
    public void handOver() {
        sink.completed(mark.on(decoder.response()));
    }
}
