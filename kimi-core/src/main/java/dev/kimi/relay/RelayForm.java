package dev.kimi.relay;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.internal.util.HttpText;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What of a relayed request is sent to one endpoint. Prints no content. */
public sealed interface RelayForm {

    /**
     * The request in the bytes of the program that wrote it, for an endpoint of its own protocol. The response goes
     * back in the bytes of the service.
     *
     * @param path path and query below the base URL of the endpoint, such as {@code /v1/messages?beta=true}
     * @param headers those that go with it, names in lower case, with the rules of
     *     {@link dev.kimi.service.ServiceRequest#header}; the client's own of the same names are replaced, values of
     *     {@code anthropic-beta} are added to the client's. Without {@code content-type} the body is declared as JSON.
     * @param body JSON; not copied, and not to be changed
     * @param notes what of the request is not in it
     */
    record Verbatim(String path, Map<String, String> headers, byte[] body, List<ChatResponse.Note> notes)
            implements RelayForm {
        /** @throws IllegalArgumentException if path or headers are none that {@code ServiceRequest} takes */
        public Verbatim {
            HttpText.checkCallersPath(path);
            headers.forEach(HttpText::checkCallersHeader);
            headers = Map.copyOf(headers);
            Objects.requireNonNull(body, "body");
            notes = List.copyOf(notes);
        }

        /** All of the request. */
        public Verbatim(String path, Map<String, String> headers, byte[] body) {
            this(path, headers, body, List.of());
        }

        @Override
        public String toString() {
            return "Verbatim[" + path + ", " + body.length + " bytes]";
        }
    }

    /**
     * The request as a chat, for an endpoint of another protocol. The response comes as the events of a chat.
     *
     * @param chat what the model is asked; its model is replaced by that of the {@link RelayTarget}
     * @param notes what of the request is not in it, and what was changed
     */
    record Translated(ChatRequest chat, List<ChatResponse.Note> notes) implements RelayForm {
        public Translated {
            Objects.requireNonNull(chat, "chat");
            notes = List.copyOf(notes);
        }
    }
}
