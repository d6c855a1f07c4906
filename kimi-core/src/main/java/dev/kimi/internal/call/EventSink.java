package dev.kimi.internal.call;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;

/** Where the events of a stream go. */
interface EventSink {

    void add(ChatEvent event);

    /** False when enough waits; then the body is asked for its next chunk once some were taken. */
    boolean wantsMore(BodySource body);

    /** The stream has ended well. */
    void completed(ChatResponse response);
}
