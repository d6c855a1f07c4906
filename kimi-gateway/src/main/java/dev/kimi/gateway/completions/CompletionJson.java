package dev.kimi.gateway.completions;

import static dev.kimi.gateway.completions.JsonBytes.wellFormed;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.ToolCall;
import dev.kimi.chat.Usage;
import java.util.List;
import java.util.function.IntFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A whole chat completion, and its parts. */
final class CompletionJson {

    private static final JsonMapper MAPPER = new JsonMapper();

    private CompletionJson() {}

    static byte[] bytes(JsonNode node) {
        return MAPPER.writeValueAsBytes(node);
    }

    /** @param ids for calls without one, by their number */
    static ObjectNode completion(
            String id, long created, String model, ChatResponse response, IntFunction<String> ids) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("id", id).put("object", "chat.completion").put("created", created);
        root.put("model", wellFormed(model));
        ObjectNode choice = root.putArray("choices").addObject().put("index", 0);
        choice.set("message", message(response, ids));
        choice.putNull("logprobs").put("finish_reason", finish(response));
        root.set("usage", usage(response.usage()));
        return root;
    }

    private static ObjectNode message(ChatResponse response, IntFunction<String> ids) {
        ObjectNode message = MAPPER.createObjectNode().put("role", "assistant");
        String text = response.text();
        List<ToolCall> calls = response.toolCalls();
        message.put("content", text.isEmpty() && !calls.isEmpty() ? null : wellFormed(text));
        message.putNull("refusal");
        if (!response.reasoning().isEmpty()) {
            message.put("reasoning_content", wellFormed(response.reasoning()));
        }
        if (!calls.isEmpty()) {
            ArrayNode list = message.putArray("tool_calls");
            for (int i = 0; i < calls.size(); i++) {
                ToolCall call = calls.get(i);
                String callId = call.id().isEmpty() ? ids.apply(i) : wellFormed(call.id());
                ObjectNode function = list.addObject()
                        .put("id", callId)
                        .put("type", "function")
                        .putObject("function");
                function.put("name", wellFormed(call.name())).put("arguments", wellFormed(call.arguments()));
            }
        }
        return message;
    }

    static ObjectNode usage(Usage usage) {
        ObjectNode counts = MAPPER.createObjectNode();
        counts.put("prompt_tokens", usage.promptTokens())
                .put("completion_tokens", usage.completionTokens())
                .put("total_tokens", usage.totalTokens());
        ObjectNode details = counts.putObject("prompt_tokens_details").put("cached_tokens", usage.cachedTokens());
        if (usage.cacheWriteTokens() > 0) {
            details.put("cache_write_tokens", usage.cacheWriteTokens());
        }
        counts.putObject("completion_tokens_details").put("reasoning_tokens", usage.reasoningTokens());
        return counts;
    }

    /** SDKs know these four; a reason that they do not know is a turn that is over. */
    static String finish(ChatResponse response) {
        FinishReason reason = response.finishReason();
        if (reason.equals(FinishReason.LENGTH)
                || reason.equals(FinishReason.CONTENT_FILTER)
                || reason.equals(FinishReason.TOOL_CALLS)) {
            return reason.value();
        }
        return response.toolCalls().isEmpty() ? FinishReason.STOP.value() : FinishReason.TOOL_CALLS.value();
    }
}
