package dev.kimi.gateway.dialect;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;

/**
 * Writes one response that came in another protocol. Used by one thread at a time. Arrays may be empty, and are the
 * caller's to keep.
 */
public interface ResponseWriter {

    /** What a stream begins with. */
    byte[] start();

    /** What an event of the model becomes. */
    byte[] event(ChatEvent event);

    /** What ends a stream that has ended well: what is still owed, and the end mark. */
    byte[] end(ChatResponse response);

    /** The body of a response that is not streamed. */
    byte[] whole(ChatResponse response);
}
