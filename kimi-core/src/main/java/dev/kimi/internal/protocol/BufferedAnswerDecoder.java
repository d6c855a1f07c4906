package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.transport.Headers;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** For a service that answers a request for a stream with one JSON body: the events come all at the end. */
final class BufferedAnswerDecoder implements ChatStreamDecoder {

    /** How a protocol reads a whole body and hands out its events. */
    interface Whole {
        ChatResponse read(ByteBuffer body, Consumer<? super ChatEvent> out);
    }

    private final Headers headers;
    private final Whole whole;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private long chunks;
    private @Nullable ChatResponse response;

    BufferedAnswerDecoder(Headers headers, Whole whole) {
        this.headers = headers;
        this.whole = whole;
    }

    @Override
    public void feed(ByteBuffer chunk, Consumer<? super ChatEvent> out) {
        if (chunk.remaining() > JsonReader.MAX_DOCUMENT - body.size()) {
            throw failure(new UnreadableAnswer("it is longer than " + JsonReader.MAX_DOCUMENT + " bytes"));
        }
        chunks++;
        byte[] bytes = new byte[chunk.remaining()];
        chunk.get(bytes);
        body.write(bytes, 0, bytes.length);
    }

    @Override
    public void end(Consumer<? super ChatEvent> out) {
        try {
            response = whole.read(ByteBuffer.wrap(body.toByteArray()), out);
        } catch (UnreadableAnswer e) {
            throw failure(e);
        }
    }

    @Override
    public boolean complete() {
        return response != null;
    }

    /** The chunks of the body: there is nothing else to tell life by. */
    @Override
    public long eventsRead() {
        return chunks;
    }

    @Override
    public ChatResponse response() {
        if (response == null) {
            throw new IllegalStateException("The answer has not come to its end");
        }
        return response;
    }

    @Override
    public TruncatedStreamException.Partial partial() {
        return TruncatedStreamException.Partial.NOTHING;
    }

    private StreamFailure failure(UnreadableAnswer e) {
        return new StreamFailure("The answer cannot be read", context -> e.toException(headers, context));
    }
}
