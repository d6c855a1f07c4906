package dev.kimi.test;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.KimiException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a fake does with one call: events, then a response, a failure, or nothing until it is cancelled.
 *
 * @param events what a stream hands out first
 * @param response the whole response, or null
 * @param failure what it fails with, or null
 */
record FakeReply(
        List<ChatEvent> events,
        @Nullable ChatResponse response,
        @Nullable KimiException failure) {

    static final FakeReply NEVER = new FakeReply(List.of(), null, null);

    static FakeReply of(ChatResponse response) {
        List<ChatEvent> events = new ArrayList<>();
        int calls = 0;
        for (Message.Block block : response.message().blocks()) {
            ContentPart content = block.content();
            if (content instanceof ContentPart.Reasoning reasoning
                    && !reasoning.text().isEmpty()) {
                events.add(new ChatEvent.Reasoning(reasoning.text()));
            } else if (content instanceof ContentPart.Text text) {
                words(text.text()).forEach(word -> events.add(new ChatEvent.Text(word)));
            } else if (content instanceof ToolCall call) {
                events.add(new ChatEvent.ToolFragment(calls++, call.id(), call.name(), call.arguments()));
            } else if (content instanceof ContentPart.Opaque opaque) {
                events.add(new ChatEvent.Other(opaque.type(), opaque.json()));
            }
        }
        events.add(new ChatEvent.Finished(response.finishReason()));
        events.add(new ChatEvent.Tokens(response.usage()));
        return new FakeReply(List.copyOf(events), response, null);
    }

    /** The text in pieces, each a word with the blanks behind it. */
    private static List<String> words(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split("(?<=\\s)(?=\\S)"));
    }

    static FakeReply failing(KimiException failure, List<ChatEvent> before) {
        return new FakeReply(List.copyOf(before), null, failure);
    }

    boolean ends() {
        return response != null || failure != null;
    }
}
