package dev.kimi.samples.chatpage;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.Message;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One turn of a conversation as the page writes it.
 *
 * @param role {@code system}, {@code user} or {@code assistant}
 * @param content what was said
 * @param reasoning the assistant's reasoning, or null
 */
record Turn(
        @Nullable String role,
        @Nullable String content,
        @Nullable String reasoning) {

    @Override
    public String toString() {
        return "Turn[" + role + "]";
    }

    /**
     * The request for a conversation.
     *
     * @throws IllegalArgumentException if a turn lacks something, saying which and what
     */
    static ChatRequest request(List<@Nullable Turn> turns, int maxTokens) {
        if (turns.isEmpty()) {
            throw new IllegalArgumentException("messages is empty; it needs at least one");
        }
        ChatRequest.Builder request = ChatRequest.builder().maxCompletionTokens(maxTokens);
        for (int i = 0; i < turns.size(); i++) {
            Turn turn = turns.get(i);
            if (turn == null) {
                throw new IllegalArgumentException("messages[" + i + "] is null");
            }
            request.message(turn.message(i));
        }
        return request.build();
    }

    private Message message(int place) {
        if (content == null || content.isBlank()) {
            throw new IllegalArgumentException("messages[" + place + "] has no content");
        }
        return switch (role == null ? "" : role) {
            case "system" -> Message.system(content);
            case "user" -> Message.user(content);
            case "assistant" -> Message.assistant(content, reasoning, List.of());
            default ->
                throw new IllegalArgumentException("messages[" + place + "] needs a role: system, user or assistant");
        };
    }
}
