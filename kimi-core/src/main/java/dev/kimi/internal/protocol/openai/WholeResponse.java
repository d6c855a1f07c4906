package dev.kimi.internal.protocol.openai;

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
import org.jspecify.annotations.Nullable;

/**
 * A response that came as one JSON text.
 *
 * @param assembly what it holds
 * @param reader what has read it
 * @param events what a stream would have handed out
 */
record WholeResponse(ResponseAssembly assembly, OpenAiResponseReader reader, List<ChatEvent> events) {

    /**
     * Reads one JSON text.
     *
     * @return null when it holds no message, but a chunk of a stream or no choice at all
     * @throws StreamFailure if it is an error
     * @throws UnreadableResponse if it is no JSON
     */
    static @Nullable WholeResponse read(Headers headers, ByteBuffer text) {
        ResponseAssembly assembly = new ResponseAssembly();
        List<ChatEvent> events = new ArrayList<>(4);
        OpenAiResponseReader reader = new OpenAiResponseReader(assembly, true, events::add);
        try (JsonReader in = JsonReader.of(text)) {
            if (!in.next()) {
                throw UnreadableResponse.garbled("it is empty");
            }
            ErrorBody error = reader.read(in);
            if (error == null && !reader.saidAnything()) {
                error = ErrorBodyReader.bare(text);
            }
            if (error != null) {
                throw ErrorClassifier.inResponse(headers, error);
            }
        }
        return reader.hasChoices() && !reader.isChunk() ? new WholeResponse(assembly, reader, events) : null;
    }
}
