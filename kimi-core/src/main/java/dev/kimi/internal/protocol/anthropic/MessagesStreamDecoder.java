package dev.kimi.internal.protocol.anthropic;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.protocol.ErrorBody;
import dev.kimi.internal.protocol.ErrorBodyReader;
import dev.kimi.internal.protocol.ErrorClassifier;
import dev.kimi.internal.protocol.JsonText;
import dev.kimi.internal.protocol.StreamBytes;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.internal.protocol.UnreadableResponse;
import dev.kimi.internal.sse.SseLimitException;
import dev.kimi.internal.sse.SseLimits;
import dev.kimi.internal.sse.SseParser;
import dev.kimi.internal.sse.SseSink;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a streamed response of the Messages protocol, whose only good end is {@code message_stop}. A body that is no
 * event stream but one JSON object, a whole message or an error, is read as such.
 */
final class MessagesStreamDecoder implements ChatStreamDecoder, SseSink {

    private static final int SCRATCH = 8 * 1024;
    private static final Consumer<ChatEvent> NOBODY = event -> {};

    private final Headers headers;
    private final SseLimits limits;
    private final SseParser parser;
    private final MessageAssembly message = new MessageAssembly();
    private final EventReader reader = new EventReader(message, this::hand);
    private Consumer<? super ChatEvent> out = NOBODY;
    /** The JSON object that stands in place of an event stream. */
    private @Nullable JsonText json;

    private boolean framed;
    /** Whether there were lines that belong to no event stream. */
    private boolean strange;

    private long events;
    private boolean ended;
    private @Nullable ChatResponse response;

    MessagesStreamDecoder(Headers headers) {
        this(headers, SseLimits.DEFAULT);
    }

    MessagesStreamDecoder(Headers headers, SseLimits limits) {
        this.headers = headers;
        this.limits = limits;
        this.parser = new SseParser(limits, this);
    }

    @Override
    public void feed(ByteBuffer chunk, Consumer<? super ChatEvent> out) {
        read(chunk, out);
    }

    @Override
    public void end(Consumer<? super ChatEvent> out) {
        read(null, out);
    }

    private void read(@Nullable ByteBuffer chunk, Consumer<? super ChatEvent> out) {
        if (complete()) {
            return;
        }
        this.out = out;
        try {
            if (chunk == null) {
                finish();
            } else if (framed) {
                parser.feed(chunk);
            } else {
                begin(chunk);
            }
            if (ended) {
                response = message.response(headers);
            }
        } catch (SseLimitException e) {
            // what comes after the end mark, be it in the same chunk, is nobody's
            if (!ended) {
                throw failure(overLimit(e.limit(), e.bytes()));
            }
            response = message.response(headers);
        } catch (UnreadableResponse e) {
            throw failure(e);
        } catch (JsonException e) {
            throw failure(UnreadableResponse.of(e));
        } finally {
            this.out = NOBODY;
        }
    }

    /** Until the first byte that is no blank it is open whether events come or JSON. */
    private void begin(ByteBuffer chunk) {
        while (chunk.hasRemaining() && json == null && StreamBytes.isBlank(chunk.get(chunk.position()))) {
            chunk.get();
        }
        if (!chunk.hasRemaining()) {
            return;
        }
        if (json == null && !JsonText.begins(chunk.get(chunk.position()))) {
            framed = true;
            parser.feed(chunk);
            return;
        }
        if (json == null) {
            json = new JsonText();
        }
        events++;
        byte[] copy = new byte[Math.min(chunk.remaining(), SCRATCH)];
        while (chunk.hasRemaining()) {
            int length = Math.min(chunk.remaining(), copy.length);
            chunk.get(copy, 0, length);
            json.take(copy, 0, length);
            if (json.size() > limits.stream()) {
                throw overLimit(SseLimitException.Limit.STREAM, limits.stream());
            }
            if (json.isWhole()) {
                // what stands behind it is nobody's
                whole(json.take());
                return;
            }
        }
    }

    private static UnreadableResponse overLimit(SseLimitException.Limit limit, long bytes) {
        return new UnreadableResponse("the stream is over its limit of " + bytes + " bytes per "
                + limit.name().toLowerCase(Locale.ROOT));
    }

    private void whole(byte[] text) {
        try (JsonReader in = JsonReader.lenient(text, 0, text.length)) {
            if (!in.next() || !reader.whole(in)) {
                ErrorBody error = ErrorBodyReader.parse(ByteBuffer.wrap(text));
                throw error.isEmpty() ? failure(new UnreadableResponse("it holds no message")) : failure(error);
            }
        }
        reader.end();
        ended = true;
    }

    private void finish() {
        if (json != null) {
            // cut, or no JSON at all: the reader says which
            whole(json.take());
        } else if (framed) {
            parser.end();
            if (!ended && events == 0 && strange) {
                throw UnreadableResponse.garbled("it is neither JSON nor an event stream");
            }
        }
    }

    @Override
    public void event(@Nullable String name, byte[] data, int offset, int length) {
        if (ended) {
            return;
        }
        events++;
        int from = StreamBytes.skipPrefix(data, offset, offset + length);
        int to = StreamBytes.trim(data, from, offset + length);
        if (from == to) {
            return;
        }
        if (StreamBytes.endsWithDone(data, from, to)) {
            // proxies that speak both protocols put the other one's end mark in place of this one's, or behind it
            if (reader.isFinished()) {
                reader.end();
                ended = true;
            }
            return;
        }
        if ("error".equals(name)) {
            throw failure(ErrorBodyReader.parse(ByteBuffer.wrap(data, from, to - from)));
        }
        if (data[from] != '{' && mayCarryAnything(name)) {
            return;
        }
        try (JsonReader in = JsonReader.lenient(data, from, to - from)) {
            while (!ended && in.next()) {
                switch (reader.read(in)) {
                    case END -> end();
                    case ERROR -> throw failure(ErrorBodyReader.parse(ByteBuffer.wrap(data, from, to - from)));
                    case READ -> {
                        // goes on
                    }
                }
            }
        }
    }

    /** Kinds of events that are not known are passed over, whatever they carry. */
    private static boolean mayCarryAnything(@Nullable String name) {
        return name != null && !name.startsWith("message_") && !name.startsWith("content_block_");
    }

    private void end() {
        if (!reader.begun()) {
            throw UnreadableResponse.empty("it holds no message");
        }
        ended = true;
    }

    /** Without its blank line an event counts only when it is the last one, whole: then nothing can be missing. */
    @Override
    public void unfinished(@Nullable String name, byte[] data, int offset, int length) {
        if (!ended && isLast(data, offset, length)) {
            event(name, data, offset, length);
        }
    }

    /** Whether it is the end mark or an error. */
    private static boolean isLast(byte[] data, int offset, int length) {
        try (JsonReader in = JsonReader.lenient(data, offset, length)) {
            Map<String, @Nullable Object> event = in.next() ? in.object() : null;
            return event != null
                    && ("message_stop".equals(event.get("type")) || event.get("error") instanceof Map)
                    && !in.next();
        } catch (JsonException e) {
            return false;
        }
    }

    @Override
    public void other(byte[] line, int from, int to, boolean inEvent) {
        strange |= !StreamBytes.mayBeCutField(line, from, to);
    }

    @Override
    public boolean complete() {
        return response != null;
    }

    @Override
    public long eventsRead() {
        return events;
    }

    @Override
    public ChatResponse response() {
        if (response == null) {
            throw new IllegalStateException("The stream has not come to its end");
        }
        return response;
    }

    @Override
    public TruncatedStreamException.Partial partial() {
        return message.partial();
    }

    private void hand(ChatEvent event) {
        out.accept(event);
    }

    private StreamFailure failure(ErrorBody error) {
        return ErrorClassifier.inResponse(headers, error);
    }

    private StreamFailure failure(UnreadableResponse e) {
        TruncatedStreamException.Partial partial = message.partial();
        boolean begun = message.hasContent();
        return new StreamFailure(
                "The stream cannot be read",
                context -> begun ? e.toTruncated(headers, context, partial) : e.toException(headers, context));
    }
}
