package dev.kimi.internal.call;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Usage;

/** Where the events of a stream go. */
interface EventSink {

    void add(ChatEvent event);

    /** False when enough waits; then the body is asked for its next chunk once some were taken. */
    boolean wantsMore(BodySource body);

    /** What the stream has reported so far that the call used, once something of it was delivered. */
    default void used(Usage usage) {}

    /** The stream has ended well. */
    void completed(ChatResponse response);
}
