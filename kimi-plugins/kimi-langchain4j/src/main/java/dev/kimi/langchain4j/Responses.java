package dev.kimi.langchain4j;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ToolCall;
import dev.kimi.chat.Usage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.output.FinishReason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes what the client gives as LangChain4j's. */
final class Responses {

    private Responses() {}

    static ChatResponse of(dev.kimi.chat.ChatResponse response) {
        KimiChatResponseMetadata.Builder metadata = KimiChatResponseMetadata.builder(response)
                .id(response.id())
                .modelName(response.model())
                .finishReason(reason(response.finishReason()));
        if (!response.usage().equals(Usage.NONE)) {
            metadata.tokenUsage(KimiTokenUsage.of(response.usage()));
        }
        return ChatResponse.builder()
                .aiMessage(AssistantTurn.of(response.message(), calls(response)))
                .metadata(metadata.build())
                .build();
    }

    /** None of a response that was cut or withheld, so that nobody runs them. */
    private static List<ToolCall> calls(dev.kimi.chat.ChatResponse response) {
        dev.kimi.chat.FinishReason reason = response.finishReason();
        boolean whole = !reason.equals(dev.kimi.chat.FinishReason.LENGTH)
                && !reason.equals(dev.kimi.chat.FinishReason.CONTENT_FILTER);
        return whole ? response.message().toolCalls() : List.of();
    }

    /** Null for a fragment that LangChain4j has no form for: one without a name, or without arguments. */
    static @Nullable PartialToolCall partial(ChatEvent.ToolFragment fragment) {
        if (fragment.name().isBlank() || fragment.arguments().isEmpty()) {
            return null;
        }
        return PartialToolCall.builder()
                .index(fragment.index())
                .id(fragment.id())
                .name(fragment.name())
                .partialArguments(fragment.arguments())
                .build();
    }

    private static FinishReason reason(dev.kimi.chat.FinishReason reason) {
        return switch (reason.value()) {
            case "stop" -> FinishReason.STOP;
            case "length" -> FinishReason.LENGTH;
            case "tool_calls" -> FinishReason.TOOL_EXECUTION;
            case "content_filter" -> FinishReason.CONTENT_FILTER;
            default -> FinishReason.OTHER;
        };
    }
}
