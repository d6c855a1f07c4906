package dev.kimi.samples.chatpage;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the page sends. */
record ChatBody(@Nullable List<@Nullable Turn> messages) {

    @Override
    public String toString() {
        return "ChatBody[" + (messages == null ? 0 : messages.size()) + " messages]";
    }
}
