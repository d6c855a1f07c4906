package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatResponse;
import java.util.List;

/**
 * A chat request in the form of a protocol.
 *
 * @param body JSON; not copied, and not to be changed
 * @param notes what could not go with it
 */
public record EncodedChat(byte[] body, List<ChatResponse.Note> notes) {}
