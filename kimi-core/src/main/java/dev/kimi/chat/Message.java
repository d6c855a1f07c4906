package dev.kimi.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A turn of a conversation. Immutable; does not print its content. An assistant's turn carries the reasoning that came
 * with it, since Kimi refuses a tool turn whose reasoning is missing.
 */
public final class Message {

    private final Role role;
    private final @Nullable String text;
    private final List<ContentPart> parts;
    private final @Nullable String reasoning;
    private final List<ToolCall> toolCalls;
    private final @Nullable String toolCallId;
    private final Map<String, Object> extra;

    private Message(
            Role role,
            @Nullable String text,
            List<ContentPart> parts,
            @Nullable String reasoning,
            List<ToolCall> toolCalls,
            @Nullable String toolCallId,
            Map<String, Object> extra) {
        this.role = role;
        this.text = text;
        this.parts = parts;
        this.reasoning = reasoning;
        this.toolCalls = toolCalls;
        this.toolCallId = toolCallId;
        this.extra = extra;
    }

    /** Instructions. */
    public static Message system(String text) {
        return text(Role.SYSTEM, text);
    }

    /** What the user says. */
    public static Message user(String text) {
        return text(Role.USER, text);
    }

    /** What the user says, in parts. */
    public static Message user(List<ContentPart> parts) {
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("a message needs at least one part");
        }
        return new Message(Role.USER, null, List.copyOf(parts), null, List.of(), null, Map.of());
    }

    /** What the model said, as text alone. */
    public static Message assistant(String text) {
        return text(Role.ASSISTANT, text);
    }

    /**
     * What the model said.
     *
     * @param text visible text, empty when none
     * @param reasoning its reasoning word for word, or null when it had none
     * @param toolCalls the tools it called
     */
    public static Message assistant(String text, @Nullable String reasoning, List<ToolCall> toolCalls) {
        return new Message(
                Role.ASSISTANT,
                Objects.requireNonNull(text, "text"),
                List.of(),
                reasoning,
                List.copyOf(toolCalls),
                null,
                Map.of());
    }

    /**
     * The result of a tool call.
     *
     * @param toolCallId the id of the call, exactly as it came
     * @param result what the tool gave
     */
    public static Message toolResult(String toolCallId, String result) {
        return new Message(
                Role.TOOL,
                Objects.requireNonNull(result, "result"),
                List.of(),
                null,
                List.of(),
                Objects.requireNonNull(toolCallId, "toolCallId"),
                Map.of());
    }

    private static Message text(Role role, String text) {
        return new Message(role, Objects.requireNonNull(text, "text"), List.of(), null, List.of(), null, Map.of());
    }

    /** The same message with one more field on the wire, such as {@code partial} or {@code name}. */
    public Message with(String field, Object value) {
        return new Message(role, text, parts, reasoning, toolCalls, toolCallId, Extras.with(extra, field, value));
    }

    public Role role() {
        return role;
    }

    /** All text of the message, its parts' joined; empty when it has none. */
    public String text() {
        if (text != null) {
            return text;
        }
        StringBuilder all = new StringBuilder();
        for (ContentPart part : parts) {
            if (part instanceof ContentPart.Text textPart) {
                all.append(textPart.text());
            }
        }
        return all.toString();
    }

    /** The parts, empty when the message is plain text. */
    public List<ContentPart> parts() {
        return parts;
    }

    /** The reasoning, or null when there was none; empty when the service sent an empty one. */
    public @Nullable String reasoning() {
        return reasoning;
    }

    /** The tools that the assistant called, in order. */
    public List<ToolCall> toolCalls() {
        return toolCalls;
    }

    /** The id of the call that this is the result of, or null. */
    public @Nullable String toolCallId() {
        return toolCallId;
    }

    /** Further fields, in order. */
    public Map<String, Object> extra() {
        return extra;
    }

    @Override
    public String toString() {
        List<String> has = new ArrayList<>();
        has.add(text().length() + " characters");
        if (!parts.isEmpty()) {
            has.add(parts.size() + " parts");
        }
        if (!toolCalls.isEmpty()) {
            has.add(toolCalls.size() + " tool calls");
        }
        return "Message[" + role.wireName() + ", " + String.join(", ", has) + "]";
    }

    /** Who speaks. */
    public enum Role {
        SYSTEM("system"),
        USER("user"),
        ASSISTANT("assistant"),
        TOOL("tool");

        private final String wireName;

        Role(String wireName) {
            this.wireName = wireName;
        }

        /** The name on the wire. */
        public String wireName() {
            return wireName;
        }
    }
}
