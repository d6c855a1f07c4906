package dev.kimi.tool;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Usage;

/**
 * How a loop ended.
 *
 * @param response the last response, which calls no tools, or was cut or declined: see its {@code finishReason()}.
 *     Tools that such a one calls are not run.
 * @param conversation everything so far with that response as its last turn; go on with
 *     {@code conversation.toBuilder().user(…)}. A response that was declined, or cut with calls in it, is left out,
 *     since services reject what would follow.
 * @param usage tokens of all rounds together
 * @param rounds how many calls of the service there were
 */
public record ToolLoopResult(ChatResponse response, ChatRequest conversation, Usage usage, int rounds) {

    /** The text of the last response. */
    public String text() {
        return response.text();
    }
}
