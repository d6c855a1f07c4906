package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Usage;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.sse.SseLimitException;
import dev.kimi.internal.sse.SseLimits;
import dev.kimi.internal.sse.SseParser;
import dev.kimi.internal.sse.SseSink;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a response to a request for a stream, of whatever protocol the payloads are. What arrives is recognised by its
 * first bytes and not by its label: an event stream, or JSON without framing, be it one whole response, an error or an
 * event for each line. An event stream may follow behind JSON, and JSON may stand between the events of one.
 */
public class StreamDecoder implements ChatStreamDecoder, SseSink {

    private static final int SCRATCH = 8 * 1024;

    /** What the next byte belongs to. */
    private enum Part {
        /** Nothing yet, or blanks behind a JSON text. */
        BETWEEN,
        JSON,
        EVENTS
    }

    private final Headers headers;
    private final StreamPayloads payloads;
    private final SseLimits limits;
    private final SseParser parser;
    private final JsonText json = new JsonText();
    private final LooseLines loose = new LooseLines();
    private Part part = Part.BETWEEN;
    /** Bytes that did not go through the parser. */
    private long unframed;

    private long events;
    private long texts;
    private @Nullable ChatResponse response;

    // the parser calls nothing before it is fed
    @SuppressWarnings("this-escape")
    protected StreamDecoder(Headers headers, SseLimits limits, StreamPayloads payloads) {
        this.headers = headers;
        this.limits = limits;
        this.payloads = payloads;
        this.parser = new SseParser(limits, this);
    }

    /**
     * The response in a body that is no single one: some services stream though they were not asked to.
     *
     * @param body not changed
     * @throws dev.kimi.error.KimiException if there is none
     */
    public final ChatResponse readAll(ByteBuffer body, ErrorContext context) {
        try {
            feed(body.duplicate(), event -> {});
            end(event -> {});
        } catch (StreamFailure e) {
            throw e.toException(context);
        }
        if (complete()) {
            return response();
        }
        if (StreamBytes.isBlank(body)) {
            throw UnreadableResponse.garbled("it is empty").toException(headers, context);
        }
        throw new TruncatedStreamException(
                "The service sent a stream, and it ended without its end mark. What had arrived is in partial().",
                context.details().build(),
                partial(),
                UnreadableResponse.garbled("it is cut"));
    }

    @Override
    public void feed(ByteBuffer chunk, Consumer<? super ChatEvent> out) {
        read(chunk, out);
    }

    @Override
    public void end(Consumer<? super ChatEvent> out) {
        read(null, out);
    }

    /** Reads a chunk, or the end of all of them. */
    private void read(@Nullable ByteBuffer chunk, Consumer<? super ChatEvent> out) {
        if (complete()) {
            return;
        }
        payloads.handTo(out);
        try {
            if (chunk == null) {
                finish();
            } else {
                take(chunk);
            }
        } catch (SseLimitException e) {
            // What comes after the end mark, be it in the same chunk, is nobody's.
            if (!payloads.ended()) {
                throw failure(overLimit(e.limit(), e.bytes()));
            }
        } catch (UnreadableResponse e) {
            throw failure(e);
        } catch (JsonException e) {
            throw failure(UnreadableResponse.of(e));
        } finally {
            payloads.handTo(null);
        }
        // Not before all of the chunk was read: some services count their tokens behind the end mark.
        if (payloads.ended()) {
            conclude(out);
        }
    }

    /** Where content has arrived, the failure keeps it. */
    private StreamFailure failure(UnreadableResponse e) {
        TruncatedStreamException.Partial partial = payloads.partial();
        boolean begun = payloads.hasContent();
        return new StreamFailure(
                "The stream cannot be read",
                context -> begun ? e.toTruncated(headers, context, partial) : e.toException(headers, context));
    }

    private void conclude(Consumer<? super ChatEvent> out) {
        payloads.handTo(out);
        try {
            if (response == null) {
                response = payloads.response();
            }
        } catch (UnreadableResponse e) {
            // All of it had arrived, so that there is nothing to go on from.
            throw new StreamFailure("The response cannot be read", context -> e.toException(headers, context));
        } finally {
            payloads.handTo(null);
        }
    }

    private void take(ByteBuffer chunk) {
        if (part == Part.EVENTS) {
            parser.feed(chunk);
        } else if (chunk.hasArray()) {
            int from = chunk.arrayOffset() + chunk.position();
            int length = chunk.remaining();
            chunk.position(chunk.limit());
            take(chunk.array(), from, from + length);
        } else {
            byte[] copy = new byte[Math.min(chunk.remaining(), SCRATCH)];
            while (chunk.hasRemaining()) {
                int length = Math.min(chunk.remaining(), copy.length);
                chunk.get(copy, 0, length);
                take(copy, 0, length);
            }
        }
    }

    private void take(byte[] bytes, int from, int to) {
        int at = from;
        boolean jsonCame = false;
        while (at < to && !payloads.ended()) {
            if (part == Part.EVENTS) {
                parser.feed(bytes, at, to - at);
                break;
            }
            int before = at;
            if (part == Part.JSON) {
                at = json.take(bytes, at, to);
                jsonCame = true;
            } else if (StreamBytes.isBlank(bytes[at])) {
                at++;
            } else {
                part = JsonText.begins(bytes[at]) ? Part.JSON : Part.EVENTS;
            }
            unframed += at - before;
            if (unframed > limits.stream()) {
                throw overLimit(SseLimitException.Limit.STREAM, limits.stream());
            }
            if (part == Part.JSON && json.size() > 0 && json.isWhole()) {
                part = Part.BETWEEN;
                unframed(json.take());
            }
        }
        if (jsonCame) {
            events++;
        }
    }

    private static UnreadableResponse overLimit(SseLimitException.Limit limit, long bytes) {
        return new UnreadableResponse("the stream is over its limit of " + bytes + " bytes per "
                + limit.name().toLowerCase(Locale.ROOT));
    }

    private void finish() {
        if (part == Part.JSON) {
            unframed(json.take());
        } else if (part == Part.EVENTS) {
            parser.end();
            if (!payloads.ended() && events == 0 && texts == 0 && loose.any()) {
                throw UnreadableResponse.garbled("it is neither JSON nor an event stream");
            }
        }
        payloads.end(part == Part.EVENTS);
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
    public boolean begun() {
        return payloads.begun();
    }

    @Override
    public Usage usage() {
        Usage reported = payloads.usage();
        return reported == null ? Usage.NONE : reported;
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
        return payloads.partial();
    }

    @Override
    public void event(@Nullable String name, byte[] data, int offset, int length) {
        if (!payloads.ended()) {
            events++;
            if (loose.isOpen()) {
                throw UnreadableResponse.garbled("it is no JSON");
            }
        }
        if (!loose.hasWithin()) {
            payloads.framed(name, data, offset, length);
            return;
        }
        byte[] lines = loose.takeWithin(data, offset, length);
        if (LooseLines.isWhole(data, offset, length)) {
            payloads.framed(name, data, offset, length);
            payloads.framed(null, lines, 0, lines.length);
        } else {
            payloads.framed(name, lines, 0, lines.length);
        }
    }

    /** Without its blank line an event counts only when it is the last one, whole: then nothing can be missing. */
    @Override
    public void unfinished(@Nullable String name, byte[] data, int offset, int length) {
        if (!payloads.ended() && payloads.isLast(data, offset, length)) {
            event(name, data, offset, length);
        }
    }

    @Override
    public void other(byte[] line, int from, int to, boolean inEvent) {
        if (payloads.ended()) {
            return;
        }
        if (inEvent) {
            loose.addWithin(line, from, to);
        } else if (loose.addBetween(line, from, to)) {
            events++;
            unframed(loose.takeBetween());
        }
    }

    private void unframed(byte[] text) {
        texts++;
        payloads.unframed(text);
    }
}
