package dev.kimi.internal.protocol.anthropic;

import dev.kimi.chat.ChatEvent;
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

/**
 * A message that came as one JSON text.
 *
 * @param message what it holds
 * @param reader what has read it
 * @param events what a stream would have handed out
 */
record WholeMessage(MessageAssembly message, EventReader reader, List<ChatEvent> events) {

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
            outcome = reader.whole(in);
        }
        ErrorBody error = outcome == EventReader.Outcome.ERROR ? ErrorBodyReader.parse(text) : null;
        if (outcome == EventReader.Outcome.NOTHING) {
            error = ErrorBodyReader.bare(text);
        }
        if (error != null) {
            throw ErrorClassifier.inResponse(headers, error);
        }
        if (outcome != EventReader.Outcome.READ || !reader.saysAnything()) {
            throw new UnreadableResponse("it holds no message");
        }
        reader.end();
        return new WholeMessage(message, reader, events);
    }
}
