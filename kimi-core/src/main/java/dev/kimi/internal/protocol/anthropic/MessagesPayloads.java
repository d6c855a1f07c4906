package dev.kimi.internal.protocol.anthropic;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
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
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the texts of a stream of the Messages protocol say. What an event is, is said by the {@code type} in its data;
 * its name counts where that is missing, since proxies lose either.
 */
final class MessagesPayloads implements StreamPayloads {

    private static final Consumer<ChatEvent> NOBODY = event -> {};

    private final Headers headers;
    private MessageAssembly message = new MessageAssembly();
    private EventReader reader = new EventReader(message, this::hand);
    private Consumer<? super ChatEvent> out = NOBODY;
    /** Whether a whole message stood in place of an event. */
    private boolean whole;

    private boolean ended;

    MessagesPayloads(Headers headers) {
        this.headers = headers;
    }

    @Override
    public void handTo(@Nullable Consumer<? super ChatEvent> consumer) {
        out = consumer == null ? NOBODY : consumer;
    }

    @Override
    public boolean ended() {
        return ended;
    }

    @Override
    public void end(boolean framed) {
        ended |= whole;
    }

    @Override
    public ChatResponse response() {
        return message.response(headers);
    }

    @Override
    public TruncatedStreamException.Partial partial() {
        return message.partial();
    }

    /** The end mark, or an error. */
    @Override
    public boolean isLast(byte[] data, int offset, int length) {
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
    public void framed(@Nullable String name, byte[] data, int offset, int length) {
        if (ended) {
            return;
        }
        int from = StreamBytes.skipPrefix(data, offset, offset + length);
        int end = StreamBytes.trim(data, from, offset + length);
        boolean done = StreamBytes.endsWithDone(data, from, end);
        int to = StreamBytes.trim(data, from, done ? end - StreamBytes.DONE_LENGTH : end);
        if (from < to && (data[from] == '{' || !mayCarryAnything(name))) {
            events(name, data, from, to - from);
        }
        if (done && !ended && reader.whole.isFinished()) {
            // proxies that speak both protocols put the other one's end mark in place of this one's, or behind it
            reader.whole.end();
            ended = true;
        }
    }

    /** Kinds of events that are not known are passed over, whatever they carry. */
    private static boolean mayCarryAnything(@Nullable String name) {
        return name != null && !name.equals("error") && !EventReader.isKnown(name);
    }

    /** A whole message, an error, or an event that lost its frame. */
    @Override
    public void unframed(byte[] text) {
        if (reader.whole.begun() || isEvent(text)) {
            events(null, text, 0, text.length);
            return;
        }
        whole(text);
        ended = true;
    }

    private static boolean isEvent(byte[] text) {
        try (JsonReader in = JsonReader.lenient(text, 0, text.length)) {
            return in.next() && EventReader.isKnown(EventReader.typeOf(in));
        }
    }

    /** Reads the data of an event: where separators were lost on the way, one holds several. */
    private void events(@Nullable String name, byte[] data, int offset, int length) {
        boolean said = false;
        try (JsonReader in = JsonReader.lenient(data, offset, length)) {
            for (int number = 0; !ended && in.next(); number++) {
                switch (reader.read(in, name)) {
                    case READ -> said = true;
                    case NOTHING -> {
                        // goes on
                    }
                    case MESSAGE -> {
                        said = true;
                        whole(text(data, offset, length, number));
                        whole = true;
                    }
                    case END -> end();
                    case ERROR ->
                        throw failure(ErrorBodyReader.parse(ByteBuffer.wrap(text(data, offset, length, number))));
                }
            }
        } catch (JsonException e) {
            if ("error".equals(name)) {
                throw failure(ErrorBodyReader.parse(ByteBuffer.wrap(data, offset, length)));
            }
            throw e;
        }
        ErrorBody bare =
                said || ended || name != null ? null : ErrorBodyReader.bare(ByteBuffer.wrap(data, offset, length));
        if (bare != null) {
            throw failure(bare);
        }
    }

    /** The JSON text of that number among those of an event. */
    private static byte[] text(byte[] data, int offset, int length, int number) {
        try (JsonReader in = JsonReader.lenient(data, offset, length)) {
            for (int i = 0; i < number && in.next(); i++) {
                in.skip();
            }
            in.next();
            String text = in.objectText();
            return text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
        }
    }

    private void end() {
        if (!reader.whole.saysAnything()) {
            throw UnreadableResponse.empty("it holds no message");
        }
        reader.whole.end();
        ended = true;
    }

    private void whole(byte[] text) {
        if (message.hasContent()) {
            throw new UnreadableResponse("a second message begins within the first");
        }
        WholeMessage read = WholeMessage.read(headers, ByteBuffer.wrap(text));
        message = read.message();
        reader = read.reader();
        read.events().forEach(this::hand);
    }

    private void hand(ChatEvent event) {
        out.accept(event);
    }

    private StreamFailure failure(ErrorBody error) {
        return ErrorClassifier.inResponse(headers, error);
    }

    @Override
    public boolean begun() {
        return ended || reader.whole.begun();
    }

    @Override
    public @Nullable Usage usage() {
        return message.counts.usage();
    }

    @Override
    public boolean hasContent() {
        return message.hasContent();
    }
}
