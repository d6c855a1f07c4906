package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatResponse;
import dev.kimi.transport.Headers;
import java.util.List;

/**
 * A chat request in the form of a protocol.
 *
 * @param headers headers that the request has beside credentials and what it accepts
 * @param body JSON; not copied, and not to be changed
 * @param notes what could not go with it, and what was changed of it
 */
public record EncodedChat(Headers headers, byte[] body, List<ChatResponse.Note> notes) {

    /** Headers of a protocol that has none of its own. */
    public static final Headers JSON =
            Headers.builder().add("content-type", "application/json").build();
}
