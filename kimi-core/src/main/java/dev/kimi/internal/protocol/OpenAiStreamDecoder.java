package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.sse.SseLimitException;
import dev.kimi.internal.sse.SseLimits;
import dev.kimi.internal.sse.SseParser;
import dev.kimi.internal.sse.SseSink;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads an OpenAI-style stream of chunks, whose only good end is {@code [DONE]}. */
final class OpenAiStreamDecoder implements ChatStreamDecoder, SseSink {

    private static final byte[] DONE = {'[', 'D', 'O', 'N', 'E', ']'};
    private static final Consumer<ChatEvent> NOBODY = event -> {};

    private final Headers headers;
    private final Answer answer = new Answer();
    private final OpenAiAnswerReader reader = new OpenAiAnswerReader(answer, false, this::hand);
    private final SseParser parser;
    private Consumer<? super ChatEvent> out = NOBODY;
    private long events;
    private @Nullable ChatResponse response;

    OpenAiStreamDecoder(Headers headers) {
        this(headers, SseLimits.DEFAULT);
    }

    OpenAiStreamDecoder(Headers headers, SseLimits limits) {
        this.headers = headers;
        this.parser = new SseParser(limits, this);
    }

    @Override
    public void feed(ByteBuffer chunk, Consumer<? super ChatEvent> out) {
        parse(out, () -> parser.feed(chunk));
    }

    @Override
    public void end(Consumer<? super ChatEvent> out) {
        parse(out, parser::end);
    }

    private void parse(Consumer<? super ChatEvent> out, Runnable step) {
        if (complete()) {
            return;
        }
        this.out = out;
        try {
            step.run();
        } catch (SseLimitException e) {
            // What comes after the end mark, be it in the same chunk, is nobody's.
            if (!complete()) {
                throw failure(new UnreadableAnswer("the stream is over its limit of " + e.bytes() + " bytes per "
                        + e.limit().name().toLowerCase(Locale.ROOT)));
            }
        } finally {
            this.out = NOBODY;
        }
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
        return answer.partial();
    }

    @Override
    public void event(@Nullable String name, byte[] data, int offset, int length) {
        if (complete()) {
            return;
        }
        events++;
        if ("error".equals(name)) {
            throw failure(ErrorBody.parse(ByteBuffer.wrap(data, offset, length)));
        }
        int end = trim(data, offset, offset + length);
        boolean done = endsWithDone(data, offset, end);
        int payload = trim(data, offset, done ? end - DONE.length : end);
        try {
            // Kinds of events that are not known may carry anything.
            if (payload > offset && (name == null || data[offset] == '{')) {
                chunks(data, offset, payload - offset);
            }
            if (done) {
                response = answer.response(RequestIds.find(headers, null));
            }
        } catch (JsonException e) {
            throw failure(UnreadableAnswer.of(e));
        } catch (UnreadableAnswer e) {
            throw failure(e);
        }
    }

    /** Without its blank line an event counts only when it holds the end mark: then nothing can be missing. */
    @Override
    public void unfinished(@Nullable String name, byte[] data, int offset, int length) {
        if (endsWithDone(data, offset, trim(data, offset, offset + length))) {
            event(name, data, offset, length);
        }
    }

    /** Where separators were lost on the way, one event holds several chunks. */
    private void chunks(byte[] data, int offset, int length) {
        try (JsonReader in = new JsonReader(data, offset, length)) {
            while (in.next()) {
                ErrorBody error = reader.read(in);
                if (error != null) {
                    throw failure(error);
                }
            }
        }
    }

    private void hand(ChatEvent event) {
        out.accept(event);
    }

    private StreamFailure failure(ErrorBody error) {
        return new StreamFailure(
                "The service reported an error in the stream",
                context -> ErrorClassifier.classify(200, headers, error, context));
    }

    private StreamFailure failure(UnreadableAnswer e) {
        return new StreamFailure("The stream cannot be read", context -> e.toException(headers, context));
    }

    private static int trim(byte[] data, int from, int to) {
        int end = to;
        while (end > from && data[end - 1] <= ' ' && data[end - 1] >= 0) {
            end--;
        }
        return end;
    }

    private static boolean endsWithDone(byte[] data, int from, int to) {
        int start = to - DONE.length;
        if (start < from) {
            return false;
        }
        // Alone on its line: the same text at the end of a cut string is no end mark.
        int before = start;
        while (before > from && (data[before - 1] == ' ' || data[before - 1] == '\t')) {
            before--;
        }
        if (before > from && data[before - 1] != '\n') {
            return false;
        }
        for (int i = 0; i < DONE.length; i++) {
            if (data[start + i] != DONE[i]) {
                return false;
            }
        }
        return true;
    }
}
