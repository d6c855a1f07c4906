package dev.kimi.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A turn of a conversation: an ordered list of {@linkplain #blocks() blocks}, and flat views of it. Immutable and
 * thread-safe; does not print its content. An assistant's turn keeps what came with it, reasoning and content that this
 * library does not know included, since services want it back as it was.
 *
 * <pre>{@code
 * for (Message.Block block : response.message().blocks()) {
 *     if (block.content() instanceof ContentPart.Text text) show(text.text());
 *     else if (block.content() instanceof ToolCall call) run(call);
 * }
 * }</pre>
 *
 * <p>The same message is written as the same bytes each time it goes to the same model at the same service: prompt
 * caches depend on it.
 */
public final class Message {

    private final Role role;
    private final List<Block> blocks;
    private final Extras extras;
    private final boolean cacheBreakpoint;

    private Message(Role role, List<Block> blocks, Extras extras, boolean cacheBreakpoint) {
        this.role = role;
        this.blocks = blocks;
        this.extras = extras;
        this.cacheBreakpoint = cacheBreakpoint;
    }

    /** Instructions. */
    public static Message system(String text) {
        return text(Role.SYSTEM, text);
    }

    /** What the user says. */
    public static Message user(String text) {
        return text(Role.USER, text);
    }

    /**
     * What the user says, in parts.
     *
     * @param parts text, images and {@linkplain ContentPart#opaque opaque} parts
     * @throws IllegalArgumentException if there is none, or one of another kind
     */
    public static Message user(List<ContentPart> parts) {
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("a message needs at least one part");
        }
        return of(Role.USER, parts.stream().map(Block::of).toList());
    }

    /** What the model said, as text alone. */
    public static Message assistant(String text) {
        return text(Role.ASSISTANT, text);
    }

    /**
     * What the model said. Nothing says who wrote the reasoning, so it goes to any service as that service's own; see
     * {@link #of} for a turn that remembers.
     *
     * @param text visible text, empty when none
     * @param reasoning its reasoning word for word, or null when it had none
     * @param toolCalls the tools it called
     */
    public static Message assistant(String text, @Nullable String reasoning, List<ToolCall> toolCalls) {
        List<Block> blocks = new ArrayList<>(2 + toolCalls.size());
        if (reasoning != null) {
            blocks.add(Block.of(new ContentPart.Reasoning(reasoning, null)));
        }
        if (!text.isEmpty() || blocks.isEmpty() && toolCalls.isEmpty()) {
            blocks.add(Block.of(new ContentPart.Text(text)));
        }
        toolCalls.forEach(call -> blocks.add(Block.of(call)));
        return of(Role.ASSISTANT, blocks);
    }

    /**
     * The result of a tool call.
     *
     * @param toolCallId the id of the call, exactly as it came
     * @param result what the tool gave
     */
    public static Message toolResult(String toolCallId, String result) {
        return toolResult(new ContentPart.ToolResult(toolCallId, List.of(ContentPart.text(result)), false));
    }

    /** The result of a tool call, with images in it or an error. */
    public static Message toolResult(ContentPart.ToolResult result) {
        return of(Role.TOOL, List.of(Block.of(result)));
    }

    /**
     * A turn block by block, as decoders make it and as it is put together again after it was stored.
     *
     * @param role who speaks
     * @param blocks what is said, in order; may be empty
     * @throws IllegalArgumentException if a block cannot stand in a turn of that role: reasoning and tool calls are an
     *     assistant's, tool results a tool's, and a tool gives nothing else
     */
    public static Message of(Role role, List<Block> blocks) {
        List<Block> copy = List.copyOf(blocks);
        for (Block block : copy) {
            if (!role.maySay(block.content())) {
                throw new IllegalArgumentException("a message of the " + role.wireName() + " cannot hold a "
                        + block.content().getClass().getSimpleName());
            }
        }
        return new Message(role, copy, Extras.NONE, false);
    }

    private static Message text(Role role, String text) {
        return of(role, List.of(Block.of(new ContentPart.Text(text))));
    }

    /**
     * The same message with one more field on the wire, such as {@code partial} or {@code name}, in the protocol of the
     * client. It replaces one that this library would send. Where the call goes to a service of another protocol, the
     * field is left out, with a {@linkplain ChatResponse#notes() note}.
     *
     * @throws IllegalArgumentException if the value is no JSON; see {@link ChatRequest.Builder#extra(String, Object)}
     */
    public Message with(String field, Object value) {
        return new Message(role, blocks, extras.with(field, value), cacheBreakpoint);
    }

    /**
     * The same message with one more field on the wire where it goes to a service of that protocol.
     *
     * @param protocol {@link Provenance#OPENAI} or {@link Provenance#ANTHROPIC}
     * @throws IllegalArgumentException if there is no such protocol, or the value is no JSON
     */
    public Message with(String protocol, String field, Object value) {
        return new Message(role, blocks, extras.with(protocol, field, value), cacheBreakpoint);
    }

    /**
     * The same message with the hint that the service should keep the conversation up to here in its prompt cache, as
     * Claude needs it. Not sent to a service that caches by itself, as Kimi does.
     */
    public Message cacheUpToHere() {
        return new Message(role, blocks, extras, true);
    }

    /** The same message with the origin of each block that has none. */
    Message from(Provenance origin) {
        List<Block> stamped = blocks.stream()
                .map(block -> block.origin() == null ? new Block(block.content(), origin, block.raw()) : block)
                .toList();
        return new Message(role, stamped, extras, cacheBreakpoint);
    }

    public Role role() {
        return role;
    }

    /** What the message says, in order. */
    public List<Block> blocks() {
        return blocks;
    }

    /** All visible text of the message joined, that of tool results included; empty when it has none. */
    public String text() {
        if (blocks.size() == 1 && blocks.get(0).content() instanceof ContentPart.Text only) {
            return only.text();
        }
        StringBuilder all = new StringBuilder();
        for (Block block : blocks) {
            if (block.content() instanceof ContentPart.Text text) {
                all.append(text.text());
            } else if (block.content() instanceof ContentPart.ToolResult result) {
                for (ContentPart part : result.content()) {
                    all.append(part instanceof ContentPart.Text text ? text.text() : "");
                }
            }
        }
        return all.toString();
    }

    /** Text, images and opaque parts in order; empty when the message says nothing but one text. */
    public List<ContentPart> parts() {
        List<ContentPart> parts = new ArrayList<>(blocks.size());
        for (Block block : blocks) {
            if (Role.USER.maySay(block.content())) {
                parts.add(block.content());
            }
        }
        boolean plain = parts.size() == 1 && parts.get(0) instanceof ContentPart.Text;
        return plain ? List.of() : List.copyOf(parts);
    }

    /** The reasoning joined, or null when there was none; empty when the service sent an empty one. */
    public @Nullable String reasoning() {
        String all = null;
        for (Block block : blocks) {
            if (block.content() instanceof ContentPart.Reasoning reasoning) {
                all = all == null ? reasoning.text() : all + reasoning.text();
            }
        }
        return all;
    }

    /** The tools that the assistant called, in order. */
    public List<ToolCall> toolCalls() {
        List<ToolCall> calls = new ArrayList<>(0);
        for (Block block : blocks) {
            if (block.content() instanceof ToolCall call) {
                calls.add(call);
            }
        }
        return List.copyOf(calls);
    }

    /** The id of the call that this is the result of, or null; of several results, that of the first. */
    public @Nullable String toolCallId() {
        for (Block block : blocks) {
            if (block.content() instanceof ContentPart.ToolResult result) {
                return result.callId();
            }
        }
        return null;
    }

    /** Further fields for the protocol of the client, in order. */
    public Map<String, Object> extra() {
        return extras.own();
    }

    /** Further fields for that protocol alone, in order; empty when there are none. */
    public Map<String, Object> extra(String protocol) {
        return extras.of(protocol);
    }

    /** Whether the service should keep the conversation up to here in its prompt cache; see {@link #cacheUpToHere}. */
    public boolean cacheBreakpoint() {
        return cacheBreakpoint;
    }

    @Override
    public String toString() {
        List<String> has = new ArrayList<>();
        has.add(text().length() + " characters");
        if (!parts().isEmpty()) {
            has.add(parts().size() + " parts");
        }
        if (!toolCalls().isEmpty()) {
            has.add(toolCalls().size() + " tool calls");
        }
        return "Message[" + role.wireName() + ", " + String.join(", ", has) + "]";
    }

    /**
     * A piece of a message, and who made it. Does not print its content.
     *
     * @param content what it says
     * @param origin who made it, or null when the caller did
     * @param raw JSON by which the service that made it gets it back, byte for byte; null when the content says all
     */
    public record Block(
            ContentPart content,
            @Nullable Provenance origin,
            @Nullable String raw) {

        public Block {
            Objects.requireNonNull(content, "content");
        }

        /** A piece of the caller's. */
        public static Block of(ContentPart content) {
            return new Block(content, null, null);
        }

        @Override
        public String toString() {
            return "Block[" + content + (origin == null ? "" : ", by " + origin.model()) + "]";
        }
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

        private boolean maySay(ContentPart content) {
            if (content instanceof ContentPart.ToolResult) {
                return this == TOOL;
            }
            if (content instanceof ContentPart.Reasoning || content instanceof ToolCall) {
                return this == ASSISTANT;
            }
            return this != TOOL;
        }
    }
}
