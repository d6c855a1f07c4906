package dev.kimi.internal.protocol.openai;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Tool;
import dev.kimi.chat.Usage;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.protocol.ErrorBody;
import dev.kimi.internal.protocol.ErrorBodyReader;
import dev.kimi.internal.protocol.ErrorClassifier;
import dev.kimi.internal.protocol.StreamBytes;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.internal.protocol.StreamPayloads;
import dev.kimi.internal.protocol.UnreadableResponse;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the texts of a stream say, once it is known where each begins and ends: chunks, errors, one whole response, and
 * the end mark.
 */
final class OpenAiPayloads implements StreamPayloads {

    private static final Consumer<ChatEvent> NOBODY = event -> {};

    private final Headers headers;
    private final boolean askedFor;
    private ResponseAssembly assembly = new ResponseAssembly();
    private OpenAiResponseReader reader = new OpenAiResponseReader(assembly, false, this::hand);
    private Consumer<? super ChatEvent> out = NOBODY;
    private boolean ended;
    /** Whether there was a JSON text outside of events. */
    private boolean unframed;

    /** @param askedFor whether the request asked for a stream */
    OpenAiPayloads(Headers headers, boolean askedFor) {
        this.headers = headers;
        this.askedFor = askedFor;
    }

    void declare(List<Tool> tools) {
        assembly.tools.declare(tools);
    }

    @Override
    public void handTo(@Nullable Consumer<? super ChatEvent> consumer) {
        out = consumer == null ? NOBODY : consumer;
    }

    @Override
    public boolean ended() {
        return ended;
    }

    /** An event stream needs an end mark. */
    @Override
    public void end(boolean framed) {
        if (unframed && !ended && !framed && !reader.hasChoices()) {
            String reason = "it holds no choices";
            throw askedFor ? UnreadableResponse.empty(reason) : new UnreadableResponse(reason);
        }
        ended |= reader.isWhole() || !framed && reader.isFinished();
    }

    @Override
    public ChatResponse response() {
        reader.end();
        return assembly.response(headers);
    }

    @Override
    public TruncatedStreamException.Partial partial() {
        return assembly.partial();
    }

    @Override
    public boolean isLast(byte[] data, int offset, int length) {
        return StreamBytes.endsWithDone(data, offset, StreamBytes.trim(data, offset, offset + length));
    }

    @Override
    public void framed(@Nullable String name, byte[] data, int offset, int length) {
        if ("error".equals(name) && !ended) {
            throw failure(ErrorBodyReader.parse(ByteBuffer.wrap(data, offset, length)));
        }
        int to = offset + length;
        int from = StreamBytes.skipPrefix(data, offset, to);
        // Kinds of events that are not known may carry anything.
        payload(data, from, to, name == null || from < to && data[from] == '{');
    }

    /** JSON texts, the end mark, or both. */
    private void payload(byte[] data, int from, int to, boolean isJson) {
        int end = StreamBytes.trim(data, from, to);
        int behindMark = from + StreamBytes.DONE_LENGTH;
        if (end > behindMark && data[from] == '[' && StreamBytes.endsWithDone(data, from, behindMark)) {
            ended = true;
            lateUsage(data, behindMark, end - behindMark);
            return;
        }
        boolean done = StreamBytes.endsWithDone(data, from, end);
        int length = StreamBytes.trim(data, from, done ? end - StreamBytes.DONE_LENGTH : end) - from;
        if (length > 0 && isJson && ended) {
            lateUsage(data, from, length);
        } else if (length > 0 && isJson) {
            chunks(data, from, length);
        }
        ended |= done;
    }

    /** A response, an error, a chunk, or the end mark, which looks like a list. */
    @Override
    public void unframed(byte[] text) {
        unframed = true;
        if (!reader.hasChoices() && !StreamBytes.endsWithDone(text, 0, text.length)) {
            WholeResponse whole = WholeResponse.read(headers, ByteBuffer.wrap(text));
            if (whole != null) {
                whole.events().forEach(this::hand);
                assembly = whole.assembly();
                reader = whole.reader();
                ended = true;
                return;
            }
        }
        payload(text, 0, text.length, true);
    }

    /** Where separators were lost on the way, one event holds several chunks. */
    private void chunks(byte[] data, int offset, int length) {
        boolean said = false;
        try (JsonReader in = JsonReader.lenient(data, offset, length)) {
            while (in.next()) {
                ErrorBody error = reader.read(in);
                if (error != null) {
                    throw failure(error);
                }
                said |= reader.saidAnything();
            }
        }
        ErrorBody bare = said ? null : ErrorBodyReader.bare(ByteBuffer.wrap(data, offset, length));
        if (bare != null) {
            throw failure(bare);
        }
    }

    /** Of what follows the end mark, only the token counts are anybody's. */
    private void lateUsage(byte[] data, int offset, int length) {
        try (JsonReader in = JsonReader.lenient(data, offset, length)) {
            in.next();
            reader.readUsage(in);
        } catch (JsonException e) {
            // as good as nothing
            return;
        }
    }

    private void hand(ChatEvent event) {
        out.accept(event);
    }

    private StreamFailure failure(ErrorBody error) {
        return ErrorClassifier.inResponse(headers, error);
    }

    @Override
    public boolean begun() {
        return ended || reader.hasChoices();
    }

    @Override
    public @Nullable Usage usage() {
        return assembly.usage;
    }

    @Override
    public boolean hasContent() {
        return assembly.hasContent();
    }
}
