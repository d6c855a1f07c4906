package dev.kimi.test.sdk;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A lawful message of the Messages protocol from a seed: what it is, the event stream that brings it, and the body that
 * holds it whole.
 */
final class GeneratedMessage {

    private static final List<String> COUNTS = List.of(
            "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens_details", "server_tool_use");

    private final Dice dice;
    private final List<ObjectNode> usages = new ArrayList<>();
    private final ObjectNode message = GeneratedBlocks.JSON.createObjectNode();

    /** What the stream ends with, other than the counts. */
    private final ObjectNode end = GeneratedBlocks.JSON.createObjectNode();

    /** The beginning of the last tool's input, where the model was stopped within it. */
    private final @Nullable String cut;

    private final ObjectNode beside = GeneratedBlocks.JSON.createObjectNode();

    GeneratedMessage(long seed) {
        this.dice = new Dice(seed);
        message.put("id", dice.id("msg_")).put("type", "message").put("role", "assistant");
        message.put("model", "claude-fable-5-2");
        content(message.putArray("content"));
        stop();
        this.cut = cutInput();
        usage();
    }

    private void content(ArrayNode content) {
        GeneratedBlocks blocks = new GeneratedBlocks(dice);
        List<String> kinds = blocks.kinds();
        int count = dice.oneIn(20) ? 0 : 1 + dice.below(dice.oneIn(8) ? 9 : 4);
        for (int i = 0; i < count; i++) {
            String kind = dice.oneIn(2)
                    ? dice.pick("text", "thinking", "tool_use", "tool_use")
                    : kinds.get(dice.below(kinds.size()));
            ObjectNode block = blocks.of(kind);
            if (kind.equals("fallback")) {
                message.put("model", block.path("to").path("model").stringValue());
            }
            content.add(block);
        }
    }

    private void stop() {
        String reason = dice.pick(
                "end_turn",
                "tool_use",
                "max_tokens",
                "stop_sequence",
                "refusal",
                "pause_turn",
                "model_context_window_exceeded",
                "compaction");
        end.put("stop_reason", reason);
        if (reason.equals("stop_sequence")) {
            end.put("stop_sequence", dice.text());
        } else {
            end.putNull("stop_sequence");
        }
        if (reason.equals("refusal")) {
            ObjectNode details = end.putObject("stop_details").put("type", "refusal");
            details.put("category", dice.pick("cyber", "bio", "general_harms", "new_category"));
            details.put("explanation", dice.text());
            if (dice.oneIn(2)) {
                details.put("fallback_credit_token", dice.id("tok_"));
            }
        } else if (dice.oneIn(2)) {
            end.putNull("stop_details");
        }
        if (dice.oneIn(8)) {
            end.putObject("container").put("id", dice.id("container_")).put("expires_at", "2026-11-27T18:00:00Z");
        }
        message.setAll(end);
        if (dice.oneIn(8)) {
            beside.putObject("context_management")
                    .putArray("applied_edits")
                    .addObject()
                    .put("type", "clear_tool_uses_20250919")
                    .put("cleared_tool_uses", 3)
                    .put("cleared_input_tokens", 50_000);
        }
        if (dice.oneIn(8)) {
            beside.putArray("input_transformations")
                    .addObject()
                    .put("type", "thinking_dropped")
                    .put("path", "messages.1.content.0")
                    .put("reason", "model_binding_mismatch");
        }
        message.setAll(beside);
    }

    /** The counts of the beginning, and those of each further event, cumulative. */
    private void usage() {
        ObjectNode start = GeneratedBlocks.JSON.createObjectNode();
        start.put("input_tokens", 1 + dice.below(10_000)).put("output_tokens", dice.below(10));
        for (String name : COUNTS) {
            count(start, name);
        }
        if (dice.oneIn(2)) {
            start.putObject("cache_creation")
                    .put("ephemeral_5m_input_tokens", dice.below(100))
                    .put("ephemeral_1h_input_tokens", dice.below(100));
            start.put("service_tier", dice.pick("standard", "priority", "not_yet_known"));
            start.put("speed", dice.pick("standard", "fast"));
        }
        if (dice.oneIn(4)) {
            start.put("inference_geo", "global").putNull("new_member");
        }
        usages.add(start);
        ObjectNode sum = start.deepCopy();
        for (int i = 1 + (dice.oneIn(4) ? dice.below(3) : 0); i > 0; i--) {
            ObjectNode further = GeneratedBlocks.JSON.createObjectNode();
            further.put("output_tokens", sum.path("output_tokens").asLong() + dice.below(1_000));
            if (dice.oneIn(2)) {
                further.put("input_tokens", sum.path("input_tokens").asLong() + dice.below(100));
            } else if (dice.oneIn(4)) {
                further.putNull("input_tokens");
            }
            for (String name : COUNTS) {
                count(further, name);
            }
            usages.add(further);
            further.properties().stream()
                    .filter(member -> !member.getValue().isNull())
                    .forEach(member -> sum.set(member.getKey(), member.getValue()));
        }
        message.set("usage", sum);
    }

    private void count(ObjectNode usage, String name) {
        switch (dice.below(3)) {
            case 0 -> usage.putNull(name);
            case 1 -> {
                switch (name) {
                    case "output_tokens_details" -> usage.putObject(name).put("thinking_tokens", dice.below(1_000));
                    case "server_tool_use" ->
                        usage.putObject(name)
                                .put("web_search_requests", dice.below(9))
                                .put("web_fetch_requests", dice.below(9));
                    default -> usage.put(name, dice.below(100_000));
                }
            }
            default -> {
                // missing
            }
        }
    }

    private @Nullable String cutInput() {
        ObjectNode last = lastToolUse();
        boolean full = List.of("max_tokens", "model_context_window_exceeded")
                .contains(message.path("stop_reason").stringValue());
        if (last == null || !full) {
            return null;
        }
        String input = last.path("input").isEmpty() ? "" : WireText.of(last.path("input"), dice);
        last.putObject("input");
        return input.substring(0, dice.below(Math.max(1, input.length() - 1)));
    }

    private @Nullable ObjectNode lastToolUse() {
        JsonNode last = message.path("content").path(message.path("content").size() - 1);
        return last.path("type").asString("").equals("tool_use") ? (ObjectNode) last : null;
    }

    /** Id and name of the tool that the model was about to call when it was stopped, or null. */
    @Nullable List<String> cutCall() {
        ObjectNode last = cut == null ? null : lastToolUse();
        return last == null
                ? null
                : List.of(last.path("id").stringValue(), last.path("name").stringValue());
    }

    /** The message as a body holds it. */
    ObjectNode message() {
        return message;
    }

    /** Whether only the client of the beta API has a type for each of its blocks and members. */
    boolean isBeta() {
        for (JsonNode block : message.path("content")) {
            if (GeneratedBlocks.BETA.contains(block.path("type").stringValue())) {
                return true;
            }
        }
        return !beside.isEmpty() || message.path("stop_reason").stringValue().equals("compaction");
    }

    byte[] body() {
        return (dice.pick("", " ", "\n\n") + WireText.of(message, dice)).getBytes(StandardCharsets.UTF_8);
    }

    byte[] stream() {
        return new GeneratedStream(dice, cut).of(message, end, beside, usages);
    }
}
