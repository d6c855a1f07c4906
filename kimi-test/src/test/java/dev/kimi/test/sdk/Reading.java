package dev.kimi.test.sdk;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.ToolCall;
import dev.kimi.chat.Usage;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What somebody read out of a message, in a form in which two can be compared.
 *
 * @param blocks the content, block by block, as JSON
 * @param calls id, name and input of the tools that are to be run
 * @param members what the message has beside
 * @param counts input with what was cached, output, cache reads, cache writes, thinking
 * @param usage what the usage has beside
 */
record Reading(
        String id,
        String model,
        List<JsonNode> blocks,
        String text,
        String thinking,
        List<List<Object>> calls,
        String stopReason,
        JsonNode members,
        List<Long> counts,
        JsonNode usage) {

    static final JsonMapper JSON = JsonMapper.builder().build();

    private static final Set<String> MESSAGE = Set.of("id", "type", "role", "model", "content", "stop_reason", "usage");
    private static final Set<String> COUNTS = Set.of(
            "input_tokens",
            "output_tokens",
            "cache_creation_input_tokens",
            "cache_read_input_tokens",
            "output_tokens_details",
            // Kimi counts the same in the words of its other protocol too
            "prompt_tokens",
            "completion_tokens",
            "total_tokens",
            "cached_tokens");

    /** A message as the wire has it. */
    static Reading of(JsonNode message) {
        List<JsonNode> blocks = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        StringBuilder thinking = new StringBuilder();
        List<List<Object>> calls = new ArrayList<>();
        for (JsonNode block : message.path("content")) {
            JsonNode same = canonical(block);
            blocks.add(same);
            switch (same.path("type").asString("")) {
                case "text" -> text.append(same.path("text").asString(""));
                case "thinking" -> thinking.append(same.path("thinking").asString(""));
                case "tool_use" ->
                    calls.add(List.of(
                            same.path("id").asString(""), same.path("name").asString(""), same.path("input")));
                // nobody waits for the results of tools that were called before another model took over
                case "fallback" -> calls.clear();
                default -> {
                    // has neither
                }
            }
        }
        JsonNode usage = message.path("usage");
        return new Reading(
                message.path("id").asString(""),
                message.path("model").asString(""),
                blocks,
                text.toString(),
                thinking.toString(),
                calls,
                message.path("stop_reason").asString(""),
                rest(message, MESSAGE),
                counts(usage),
                rest(usage, COUNTS));
    }

    private static List<Long> counts(JsonNode usage) {
        long read = usage.path("cache_read_input_tokens").asLong(0);
        long written = usage.path("cache_creation_input_tokens").asLong(0);
        return List.of(
                usage.path("input_tokens").asLong(0) + read + written,
                usage.path("output_tokens").asLong(0),
                read,
                written,
                usage.path("output_tokens_details").path("thinking_tokens").asLong(0));
    }

    /** A response as our decoder gives it. */
    static Reading of(ChatResponse response) {
        List<JsonNode> blocks = response.message().blocks().stream()
                .map(block -> canonical(JSON.readTree(json(block))))
                .toList();
        List<List<Object>> calls = response.toolCalls().stream()
                .map(call -> List.<Object>of(call.id(), call.name(), canonical(JSON.readTree(call.arguments()))))
                .toList();
        String reasoning = response.reasoning();
        Map<String, @Nullable Object> members = new TreeMap<>(response.extra());
        members.remove("stop_reason");
        Usage usage = response.usage();
        return new Reading(
                response.id(),
                response.model(),
                blocks,
                response.text(),
                reasoning == null ? "" : reasoning,
                calls,
                stopReason(response),
                canonical(JSON.valueToTree(members)),
                List.of(
                        usage.promptTokens(),
                        usage.completionTokens(),
                        usage.cachedTokens(),
                        usage.cacheWriteTokens(),
                        usage.reasoningTokens()),
                canonical(JSON.valueToTree(usage.extra())));
    }

    private static String stopReason(ChatResponse response) {
        if (response.extra().get("stop_reason") instanceof String kept) {
            return kept;
        }
        FinishReason reason = response.finishReason();
        return reason.equals(FinishReason.STOP)
                ? "end_turn"
                : reason.equals(FinishReason.LENGTH)
                        ? "max_tokens"
                        : reason.equals(FinishReason.TOOL_CALLS) ? "tool_use" : reason.value();
    }

    /** A block as the wire has it. */
    private static String json(Message.Block block) {
        String raw = block.raw();
        if (raw != null) {
            return raw;
        }
        ContentPart content = block.content();
        if (content instanceof ContentPart.Opaque opaque) {
            return opaque.json();
        }
        ObjectNode json = JSON.createObjectNode();
        if (content instanceof ContentPart.Text text) {
            json.put("type", "text").put("text", text.text());
        } else if (content instanceof ContentPart.Reasoning reasoning) {
            json.put("type", "thinking").put("thinking", reasoning.text()).put("signature", reasoning.signature());
        } else if (content instanceof ToolCall call) {
            json.put("type", "tool_use").put("id", call.id()).put("name", call.name());
            json.set("input", JSON.readTree(call.arguments()));
        }
        return json.toString();
    }

    /** The members that have no place of their own; what is null says nothing. */
    private static JsonNode rest(JsonNode object, Set<String> known) {
        ObjectNode rest = JSON.createObjectNode();
        object.properties().stream()
                .filter(member ->
                        !known.contains(member.getKey()) && !member.getValue().isNull())
                .forEach(member -> rest.set(member.getKey(), canonical(member.getValue())));
        return rest;
    }

    /** The same JSON with each number in one form: 1, 1.0 and 1e0 are the same. */
    static JsonNode canonical(JsonNode json) {
        if (json.isObject()) {
            ObjectNode same = JSON.createObjectNode();
            json.properties().forEach(member -> same.set(member.getKey(), canonical(member.getValue())));
            return same;
        }
        if (json.isArray()) {
            ArrayNode same = JSON.createArrayNode();
            json.forEach(element -> same.add(canonical(element)));
            return same;
        }
        if (json.isNumber()) {
            BigDecimal number = json.decimalValue().stripTrailingZeros();
            return JSON.getNodeFactory().stringNode("number " + number);
        }
        return json;
    }
}
