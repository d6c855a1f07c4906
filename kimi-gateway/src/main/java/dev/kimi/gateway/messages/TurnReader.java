package dev.kimi.gateway.messages;

import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Message.Block;
import dev.kimi.chat.Message.Role;
import dev.kimi.chat.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Translates the turns of a conversation, each where it stands: what a turn becomes depends on nothing behind it, so
 * that a longer conversation begins with the same bytes and is found in prompt caches. Not thread-safe.
 */
final class TurnReader {

    private static final String ATTRIBUTION = "x-anthropic-billing-header:";

    /** Of these, the effort for a turn is read with that of the request. */
    private static final Set<String> READ = Set.of("role", "content", "output_config");

    private final ContentReader content;
    private final Losses losses;
    private final boolean reasoningOwed;

    /** @param reasoningOwed whether the model rejects a turn with calls that has no reasoning */
    TurnReader(ContentReader content, Losses losses, boolean reasoningOwed) {
        this.content = content;
        this.losses = losses;
        this.reasoningOwed = reasoningOwed;
    }

    /** The instructions before the conversation: one message or none. */
    List<Message> system(JsonNode system) {
        if (system.isMissingNode() || system.isNull()) {
            return List.of();
        }
        if (system.isString()) {
            return instructions(List.of(ContentPart.text(system.asString())));
        }
        List<ContentPart> parts = content.parts(system, "system");
        if (!parts.isEmpty()
                && parts.get(0) instanceof ContentPart.Text first
                && first.text().startsWith(ATTRIBUTION)) {
            losses.dropped(Losses.ATTRIBUTION);
            parts.remove(0);
        }
        return instructions(parts);
    }

    /** The turns. */
    List<Message> turns(JsonNode messages) {
        List<Message> turns = new ArrayList<>(messages.size());
        int index = 0;
        for (JsonNode message : messages) {
            String path = "messages." + index++;
            message.propertyStream()
                    .filter(member -> !READ.contains(member.getKey())
                            && !member.getValue().isNull())
                    .forEach(member -> losses.ofMessage(member.getKey()));
            String role = message.path("role").asString("");
            JsonNode said = message.path("content");
            switch (role) {
                case "user" -> turns.addAll(user(said, path + ".content"));
                case "assistant" -> turns.addAll(assistant(said, path + ".content"));
                case "system" -> turns.addAll(instructions(content.parts(said, path + ".content")));
                default -> throw Invalid.request(path + ".role: Input should be 'user', 'assistant' or 'system'");
            }
        }
        return turns;
    }

    private List<Message> instructions(List<ContentPart> parts) {
        StringBuilder all = new StringBuilder();
        for (ContentPart part : parts) {
            if (part instanceof ContentPart.Text text) {
                all.append(all.isEmpty() ? "" : "\n\n").append(text.text());
            }
        }
        return all.isEmpty() ? List.of() : List.of(Message.system(all.toString()));
    }

    /** The results of tools, which must follow their calls at once, and then what else the user says. */
    private List<Message> user(JsonNode said, String path) {
        List<Block> results = new ArrayList<>(0);
        List<ContentPart> parts = new ArrayList<>();
        if (said.isArray()) {
            int index = 0;
            for (JsonNode block : ContentReader.blocks(said, path)) {
                String at = path + "." + index++;
                if (block.path("type").asString().equals("tool_result")) {
                    results.add(Block.of(result(block, at)));
                } else {
                    ContentPart part = content.part(block, at);
                    if (part != null) {
                        parts.add(part);
                    }
                }
            }
        } else {
            parts.addAll(content.parts(said, path));
        }
        List<Message> turns = new ArrayList<>(2);
        if (!results.isEmpty()) {
            turns.add(Message.of(Role.TOOL, results));
        }
        if (!parts.isEmpty()) {
            turns.add(Message.user(parts));
        }
        return turns;
    }

    private ContentPart.ToolResult result(JsonNode block, String path) {
        content.noteCaching(block);
        String id = required(block, "tool_use_id", path);
        boolean error = block.path("is_error").asBoolean(false);
        List<ContentPart> parts = content.parts(block.path("content"), path + ".content");
        StringBuilder text = new StringBuilder();
        boolean plain = true;
        for (ContentPart part : parts) {
            if (part instanceof ContentPart.Text said) {
                text.append(text.isEmpty() ? "" : "\n").append(said.text());
            } else {
                plain = false;
            }
        }
        if (error && !text.toString().toLowerCase(Locale.ROOT).contains("error")) {
            losses.changed(Losses.TOOL_ERROR);
            text.insert(0, text.isEmpty() ? "Error" : "Error: ");
            parts.add(0, ContentPart.text("Error:"));
        }
        List<ContentPart> given = plain ? List.of(ContentPart.text(text.toString())) : parts;
        return new ContentPart.ToolResult(CallIds.inward(id), given, error);
    }

    private List<Message> assistant(JsonNode said, String path) {
        List<Block> blocks = new ArrayList<>();
        if (!said.isArray()) {
            content.parts(said, path).forEach(part -> blocks.add(Block.of(part)));
        } else {
            int index = 0;
            for (JsonNode block : ContentReader.blocks(said, path)) {
                assistantBlock(block, path + "." + index++, blocks);
            }
        }
        boolean calls = blocks.stream().anyMatch(block -> block.content() instanceof ToolCall);
        boolean reasoned = blocks.stream().anyMatch(block -> block.content() instanceof ContentPart.Reasoning);
        if (calls && !reasoned && reasoningOwed) {
            losses.changed(Losses.REASONING_MISSING);
            blocks.add(0, Block.of(new ContentPart.Reasoning("", null)));
        }
        return blocks.isEmpty() ? List.of() : List.of(Message.of(Role.ASSISTANT, blocks));
    }

    private void assistantBlock(JsonNode block, String path, List<Block> blocks) {
        switch (block.path("type").asString()) {
            case "text" -> {
                ContentPart text = content.part(block, path);
                if (text != null) {
                    blocks.add(Block.of(text));
                }
            }
            case "thinking" -> thinking(block, blocks);
            case "redacted_thinking" -> losses.dropped(Losses.REDACTED_THINKING);
            case "tool_use" -> {
                content.noteCaching(block);
                blocks.add(Block.of(call(block, path)));
            }
            case "compaction" ->
                content.parts(block.path("content"), path + ".content").forEach(part -> blocks.add(Block.of(part)));
            default -> losses.block(block.path("type").asString());
        }
    }

    private void thinking(JsonNode block, List<Block> blocks) {
        String signature = block.path("signature").asString("");
        if (!signature.isEmpty() && !GatewaySignature.isOwn(signature)) {
            losses.dropped(Losses.SIGNATURE);
        }
        String text = block.path("thinking").asString("");
        if (!text.isEmpty()) {
            blocks.add(Block.of(new ContentPart.Reasoning(text, null)));
        }
    }

    private static ToolCall call(JsonNode block, String path) {
        JsonNode input = block.path("input");
        if (!input.isObject() && !input.isMissingNode() && !input.isNull()) {
            throw Invalid.request(path + ".input: Input should be a valid object");
        }
        String arguments = input.isObject() ? Json.MAPPER.writeValueAsString(input) : "{}";
        return new ToolCall(CallIds.inward(required(block, "id", path)), required(block, "name", path), arguments);
    }

    private static String required(JsonNode block, String member, String path) {
        String value = block.path(member).asString("");
        if (value.isEmpty()) {
            throw Invalid.request(path + "." + member + ": Field required");
        }
        return value;
    }
}
