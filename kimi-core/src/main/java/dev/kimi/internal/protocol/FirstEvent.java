package dev.kimi.internal.protocol;

import dev.kimi.internal.sse.SseLimitException;
import dev.kimi.internal.sse.SseLimits;
import dev.kimi.internal.sse.SseParser;
import dev.kimi.internal.sse.SseSink;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The first event in the body of an error: some services frame it like the stream that was asked for. */
public final class FirstEvent implements SseSink {

    private byte @Nullable [] data;

    private FirstEvent() {}

    /** The data of the first event, or the body as it is when it is JSON or holds no event. */
    public static ByteBuffer dataOf(ByteBuffer body) {
        if (StreamBytes.beginsJson(body)) {
            return body;
        }
        FirstEvent first = new FirstEvent();
        try {
            SseParser parser = new SseParser(SseLimits.DEFAULT, first);
            parser.feed(body.duplicate());
            parser.end();
        } catch (SseLimitException e) {
            // the beginning counts
            return body;
        }
        byte[] found = first.data;
        return found == null ? body : ByteBuffer.wrap(found);
    }

    @Override
    public void event(@Nullable String name, byte[] bytes, int offset, int length) {
        if (data == null && length > 0) {
            data = Arrays.copyOfRange(bytes, offset, offset + length);
        }
    }

    @Override
    public void unfinished(@Nullable String name, byte[] bytes, int offset, int length) {
        event(name, bytes, offset, length);
    }
}
