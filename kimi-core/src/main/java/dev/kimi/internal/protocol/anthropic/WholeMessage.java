package dev.kimi.internal.protocol.anthropic;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.protocol.ErrorBody;
import dev.kimi.internal.protocol.ErrorBodyReader;
import dev.kimi.internal.protocol.ErrorClassifier;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.internal.protocol.UnreadableResponse;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message that came as one JSON text.
 *
 * @param message what it holds
 * @param reader what has read it
 * @param events what a stream would have handed out
 */
record WholeMessage(MessageAssembly message, EventReader reader, List<ChatEvent> events) {

    /**
     * The response that a body holds, read once and where it lies.
     *
     * @return null when it holds no message, or none that can be read: a decoder of streams takes such bodies too, and
     *     says what is wrong with them
     */
    static @Nullable ChatResponse response(Headers headers, ByteBuffer json) {
        MessageAssembly message = new MessageAssembly();
        MessageReader reader = new MessageReader(message, event -> {});
        try (JsonReader in = JsonReader.of(json)) {
            boolean read = in.next() && reader.read(in) == EventReader.Outcome.READ;
            if (!read || !reader.saysAnything() || EventReader.isKnown(reader.type())) {
                return null;
            }
            reader.end();
            return message.response(headers);
        } catch (JsonException | UnreadableResponse e) {
            return null;
        }
    }

    /**
     * Reads one JSON text to its end, so that nothing is handed out of one that was cut.
     *
     * @throws StreamFailure if it is an error
     * @throws UnreadableResponse if it is no message
     */
    static WholeMessage read(Headers headers, ByteBuffer text) {
        MessageAssembly message = new MessageAssembly();
        List<ChatEvent> events = new ArrayList<>(4);
        EventReader reader = new EventReader(message, events::add);
        EventReader.Outcome outcome;
        try (JsonReader in = JsonReader.of(text)) {
            if (!in.next()) {
                throw UnreadableResponse.garbled("it is empty");
            }
            outcome = reader.whole.read(in);
        }
        ErrorBody error = outcome == EventReader.Outcome.ERROR ? ErrorBodyReader.parse(text) : null;
        if (outcome == EventReader.Outcome.NOTHING) {
            error = ErrorBodyReader.bare(text);
        }
        if (error != null) {
            throw ErrorClassifier.inResponse(headers, error);
        }
        if (outcome != EventReader.Outcome.READ || !reader.whole.saysAnything()) {
            throw new UnreadableResponse("it holds no message");
        }
        reader.whole.end();
        return new WholeMessage(message, reader, events);
    }
}
