package dev.kimi.internal.call;

import dev.kimi.chat.ChatEvent;
import dev.kimi.internal.endpoint.ResponseMark;
import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.protocol.StreamFailure;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the body of a stream as a chat's, and hands over its bytes instead of its events: from when the response has
 * begun, which is the commit point, those before it among them.
 */
final class VerbatimReader extends StreamReader {

    /** Where bytes go. */
    interface Sink extends EventSink {

        void add(ByteBuffer bytes);

        /** The service itself reports an error, in the bytes added last. */
        void relaysError();
    }

    private final Sink sink;
    /** What has come before the response has begun. */
    private List<ByteBuffer> held = new ArrayList<>(1);

    VerbatimReader(BodySource body, ChatStreamDecoder decoder, Sink sink, ResponseMark mark) {
        super(body, decoder, sink, mark);
        this.sink = sink;
    }

    @Override
    public void feed(ByteBuffer piece) {
        if (!piece.hasRemaining()) {
            return;
        }
        byte[] kept = new byte[piece.remaining()];
        piece.get(kept);
        ByteBuffer bytes = ByteBuffer.wrap(kept);
        try {
            super.feed(bytes);
        } catch (StreamFailure failure) {
            if (body.committed()) {
                sink.add(bytes.rewind().asReadOnlyBuffer());
                if (failure.isReported()) {
                    sink.relaysError();
                }
            }
            throw failure;
        }
        ByteBuffer handed = bytes.rewind().asReadOnlyBuffer();
        if (body.committed()) {
            sink.add(handed);
            return;
        }
        held.add(handed);
        if (decoder.begun() && body.commit()) {
            handOverHeld();
        }
    }

    private void handOverHeld() {
        List<ByteBuffer> before = held;
        held = List.of();
        if (before.size() == 1) {
            sink.add(before.get(0));
        } else if (!before.isEmpty()) {
            ByteBuffer all = ByteBuffer.allocate(
                    before.stream().mapToInt(ByteBuffer::remaining).sum());
            before.forEach(all::put);
            sink.add(all.flip().asReadOnlyBuffer());
        }
    }

    /** The service's own end mark need not be the end of what a program reads. */
    @Override
    public boolean trails() {
        return complete();
    }

    /** It is the bytes that are delivered; but an event is more than a sign of life. */
    @Override
    void deliver(ChatEvent event) {
        delivered = true;
    }

    @Override
    public void handOver() {
        handOverHeld();
        super.handOver();
    }
}
