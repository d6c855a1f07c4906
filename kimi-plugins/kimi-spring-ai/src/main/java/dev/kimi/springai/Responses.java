package dev.kimi.springai;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.ToolCall;
import dev.kimi.time.TimeSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.Generation;

/** Writes responses, and pieces of them, as Spring AI's. */
final class Responses {

    private final TimeSource time;

    Responses(TimeSource time) {
        this.time = time;
    }

    org.springframework.ai.chat.model.ChatResponse whole(
            ChatRequest request, KimiChatOptions options, ChatResponse response) {
        Message turn = turn(response);
        return response(response, Turns.write(turn, Prefix.of(options, request, turn)));
    }

    /** What is left to say of a whole response once all pieces were delivered. */
    static org.springframework.ai.chat.model.ChatResponse end(org.springframework.ai.chat.model.ChatResponse whole) {
        Generation all = Objects.requireNonNull(whole.getResult());
        AssistantMessage rest = all.getOutput().mutate().content("").build();
        return new org.springframework.ai.chat.model.ChatResponse(
                List.of(new Generation(rest, all.getMetadata())), whole.getMetadata());
    }

    /** A piece of a stream, or null for what comes with the end. */
    static org.springframework.ai.chat.model.@Nullable ChatResponse piece(ChatEvent event) {
        if (event instanceof ChatEvent.Text text) {
            return piece(new AssistantMessage(text.value()));
        }
        if (event instanceof ChatEvent.Reasoning reasoning) {
            return piece(AssistantMessage.builder()
                    .content("")
                    .properties(Map.of(KimiChatModel.REASONING, reasoning.value()))
                    .build());
        }
        return null;
    }

    private static org.springframework.ai.chat.model.ChatResponse piece(AssistantMessage message) {
        return new org.springframework.ai.chat.model.ChatResponse(List.of(new Generation(message)));
    }

    /** Spring AI runs every call that it sees: those of a response that was cut or withheld must not be run. */
    private static Message turn(ChatResponse response) {
        Message turn = response.message();
        FinishReason reason = response.finishReason();
        boolean stopped = reason.equals(FinishReason.LENGTH) || reason.equals(FinishReason.CONTENT_FILTER);
        return stopped && !turn.toolCalls().isEmpty()
                ? Message.of(
                        turn.role(),
                        turn.blocks().stream()
                                .filter(block -> !(block.content() instanceof ToolCall))
                                .toList())
                : turn;
    }

    private org.springframework.ai.chat.model.ChatResponse response(ChatResponse response, AssistantMessage message) {
        String reason = response.finishReason().value().toUpperCase(Locale.ROOT);
        Generation generation = new Generation(
                message, ChatGenerationMetadata.builder().finishReason(reason).build());
        ChatResponseMetadata.Builder metadata = ChatResponseMetadata.builder()
                .id(response.id())
                .model(response.model())
                .usage(usage(response.usage()))
                .rateLimit(HeaderRateLimit.of(response.rateLimits(), time.now()));
        response.extra().forEach((field, value) -> {
            if (value != null) {
                metadata.keyValue(field, value);
            }
        });
        metadata.keyValue("endpoint", response.endpoint()).keyValue("notes", response.notes());
        if (response.requestId() != null) {
            metadata.keyValue("request-id", response.requestId());
        }
        return new org.springframework.ai.chat.model.ChatResponse(List.of(generation), metadata.build());
    }

    private static Usage usage(dev.kimi.chat.Usage usage) {
        return new DefaultUsage(
                count(usage.promptTokens()),
                count(usage.completionTokens()),
                count(usage.totalTokens()),
                usage,
                usage.cachedTokens(),
                usage.cacheWriteTokens());
    }

    private static int count(long tokens) {
        return (int) Math.min(tokens, Integer.MAX_VALUE);
    }
}
