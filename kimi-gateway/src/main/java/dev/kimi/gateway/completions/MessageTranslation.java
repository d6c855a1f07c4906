package dev.kimi.gateway.completions;

import static dev.kimi.gateway.completions.CompletionsChat.rejected;

import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Message.Block;
import dev.kimi.chat.ToolCall;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The conversation. What a message becomes depends on itself and its neighbours alone, as prompt caches need it. */
final class MessageTranslation {

    /** As many as Claude takes. */
    private static final int CACHE_BREAKPOINTS = 4;

    private static final Set<String> READ = Set.of("role", "content", "tool_calls", "tool_call_id", "refusal");
    private static final Set<String> DROPPED = Set.of("name", "partial", "audio", "annotations", "reasoning_details");
    private static final Set<String> REASONING = Set.of("reasoning_content", "reasoning");
    private static final JsonMapper MAPPER = new JsonMapper();

    private final ModelCard card;
    private final TranslationNotes notes;
    private final PartTranslation parts;

    MessageTranslation(ModelCard card, TranslationNotes notes) {
        this.card = card;
        this.notes = notes;
        this.parts = new PartTranslation(notes);
    }

    List<Message> messages(JsonNode all) {
        List<Message> translated = new ArrayList<>(all.size());
        for (int i = 0; i < all.size(); i++) {
            String where = "messages[" + i + "]";
            JsonNode message = all.path(i);
            if (!message.isObject()) {
                throw rejected("\"" + where + "\" must be an object.");
            }
            switch (Fields.text(message.path("role"), where + ".role")) {
                case "system", "developer" -> translated.add(system(message, where, mayBeSystem(all, i)));
                case "user" -> translated.add(Message.user(parts.of(message.path("content"), where + ".content")));
                case "assistant" -> translated.add(assistant(message, where));
                case "tool" -> translated.add(tool(message, where));
                default -> throw rejected("\"" + where + ".role\" must be system, developer, user, assistant or tool.");
            }
            members(message);
        }
        return breakpoints(all, translated);
    }

    private void members(JsonNode message) {
        for (String name : message.propertyNames()) {
            if (!READ.contains(name)
                    && !REASONING.contains(name)
                    && !message.path(name).isNull()) {
                boolean listed = name.equals("function_call") || DROPPED.contains(name);
                notes.dropped(listed ? "messages." + name : name.equals("cache_control") ? name : "other");
            }
        }
    }

    /** The newest keep what stands before them, so that the oldest go where there are too many. */
    private List<Message> breakpoints(JsonNode all, List<Message> messages) {
        int left = CACHE_BREAKPOINTS;
        for (int i = messages.size() - 1; i >= 0; i--) {
            boolean marked = false;
            for (JsonNode part : all.path(i).path("content")) {
                marked |= part.hasNonNull("cache_control");
            }
            if (marked && left-- > 0) {
                messages.set(i, messages.get(i).cacheUpToHere());
            } else if (marked) {
                notes.dropped("cache_control");
            }
        }
        return messages;
    }

    /**
     * At the beginning they are the prompt's own. Amid the conversation Claude takes them behind what the user or a
     * tool said and before the assistant, and nowhere else.
     */
    private static boolean mayBeSystem(JsonNode all, int index) {
        int first = 0;
        while (first < all.size() && isSystem(all.path(first))) {
            first++;
        }
        if (index < first) {
            return true;
        }
        JsonNode before = all.path(index - 1);
        boolean behindUser = before.path("role").asString("").equals("user")
                || before.path("role").asString("").equals("tool");
        return behindUser
                && (index + 1 == all.size()
                        || all.path(index + 1).path("role").asString("").equals("assistant"));
    }

    private static boolean isSystem(JsonNode message) {
        String role = message.path("role").asString("");
        return role.equals("system") || role.equals("developer");
    }

    private Message system(JsonNode message, String where, boolean asSystem) {
        List<ContentPart> said = parts.of(message.path("content"), where + ".content");
        if (!asSystem) {
            notes.changed("messages.system");
            return Message.user(said);
        }
        return Message.of(Message.Role.SYSTEM, said.stream().map(Block::of).toList());
    }

    private Message assistant(JsonNode message, String where) {
        List<Block> blocks = new ArrayList<>(2);
        JsonNode calls = message.path("tool_calls");
        reasoning(message, !calls.isEmpty(), blocks);
        JsonNode content = message.path("content");
        if (!Fields.isAbsent(content) && !content.isEmpty() || content.isString()) {
            parts.of(content, where + ".content").forEach(part -> blocks.add(Block.of(part)));
        }
        JsonNode refusal = message.path("refusal");
        if (refusal.isString()) {
            blocks.add(Block.of(ContentPart.text(refusal.asString())));
        }
        for (int i = 0; i < calls.size(); i++) {
            blocks.add(Block.of(call(calls.path(i), where + ".tool_calls[" + i + "]")));
        }
        return Message.of(Message.Role.ASSISTANT, blocks);
    }

    /** Thinking that is signed cannot come back through this protocol, and unsigned is rejected. */
    private void reasoning(JsonNode message, boolean hasCalls, List<Block> blocks) {
        String text = reasoning(message);
        if (text != null && card.flag(Fact.REASONING_SIGNED)) {
            if (!text.isEmpty()) {
                notes.dropped("messages.reasoning_content");
            }
        } else if (text != null) {
            blocks.add(Block.of(new ContentPart.Reasoning(text, null)));
        } else if (hasCalls && card.flag(Fact.REASONING_OWED)) {
            notes.changed("messages.reasoning_content");
            blocks.add(Block.of(new ContentPart.Reasoning("", null)));
        }
    }

    private static @Nullable String reasoning(JsonNode message) {
        JsonNode content = message.path("reasoning_content");
        JsonNode other = content.isString() ? content : message.path("reasoning");
        return other.isString() ? other.asString() : null;
    }

    private ToolCall call(JsonNode call, String where) {
        JsonNode function = call.path("function");
        String type = call.path("type").asString("function");
        if (!type.equals("function")) {
            throw rejected("\"" + where + ".type\" must be function.");
        }
        String arguments = function.path("arguments").asString("");
        return new ToolCall(
                Fields.name(call.path("id"), where + ".id"),
                Fields.name(function.path("name"), where + ".function.name"),
                arguments(arguments));
    }

    /** Models do write broken arguments, which then stand in the conversation; Claude takes objects alone. */
    private String arguments(String text) {
        if (text.isBlank()) {
            return "{}";
        }
        try {
            JsonNode read = MAPPER.readTree(text);
            if (read.isObject()) {
                return text;
            }
        } catch (JacksonException e) {
            // is wrapped as well
        }
        notes.changed("messages.tool_calls.arguments");
        return MAPPER.createObjectNode().put("arguments", text).toString();
    }

    private Message tool(JsonNode message, String where) {
        String id = Fields.name(message.path("tool_call_id"), where + ".tool_call_id");
        return Message.toolResult(
                new ContentPart.ToolResult(id, parts.of(message.path("content"), where + ".content"), false));
    }
}
