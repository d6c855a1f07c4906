package dev.kimi.springai;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Message.Block;
import dev.kimi.chat.ToolCall;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.definition.ToolDefinition;

/**
 * What precedes a turn: Claude signs its reasoning together with the tools and messages that it follows, and rejects it
 * behind others. Chat memories leave the calls of tools out, and advisors change the system text. Not thread-safe.
 */
final class Prefix {

    /** In the metadata of a turn with signed reasoning: the digest of what it followed. */
    static final String KEY = "kimi.prefix";

    private static final String REDACTED = "redacted_thinking";

    private final MessageDigest digest;

    private Prefix(MessageDigest digest) {
        this.digest = digest;
    }

    static Prefix of(KimiChatOptions options) {
        try {
            Prefix prefix = new Prefix(MessageDigest.getInstance("SHA-256"));
            if (options.getToolCallbacks() != null) {
                for (ToolCallback callback : options.getToolCallbacks()) {
                    ToolDefinition tool = callback.getToolDefinition();
                    prefix.add("tool", tool.name(), tool.description(), tool.inputSchema());
                }
            }
            return prefix;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** What a turn with signed reasoning followed, or null for any other. */
    static @Nullable String of(KimiChatOptions options, ChatRequest request, Message turn) {
        return turn.blocks().stream().anyMatch(Prefix::isSigned)
                ? of(options).addAll(request.messages()).value()
                : null;
    }

    Prefix addAll(List<Message> messages) {
        messages.forEach(this::add);
        return this;
    }

    void add(Message message) {
        add("message", message.role().name());
        for (Block block : message.blocks()) {
            add(block.content());
        }
    }

    String value() {
        try {
            byte[] bytes = ((MessageDigest) digest.clone()).digest();
            return Base64.getEncoder().withoutPadding().encodeToString(bytes);
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the digest cannot be copied", e);
        }
    }

    /** The turn without its signed reasoning if it followed something else than this. */
    Message fitting(Message turn, AssistantMessage written) {
        return written.getMetadata().get(KEY) instanceof String followed && !followed.equals(value())
                ? without(turn)
                : turn;
    }

    private static Message without(Message turn) {
        List<Block> left =
                turn.blocks().stream().filter(block -> !isSigned(block)).toList();
        return left.isEmpty() ? Message.assistant("") : Message.of(turn.role(), left);
    }

    private static boolean isSigned(Block block) {
        return block.content() instanceof ContentPart.Reasoning reasoning
                        && reasoning.signature() != null
                        && !reasoning.signature().isEmpty()
                || block.content() instanceof ContentPart.Opaque opaque
                        && opaque.type().equals(REDACTED);
    }

    private void add(ContentPart part) {
        if (part instanceof ContentPart.Text text) {
            add("text", text.text());
        } else if (part instanceof ContentPart.Reasoning reasoning) {
            add("reasoning", reasoning.text(), reasoning.signature());
        } else if (part instanceof ToolCall call) {
            add("call", call.id(), call.name(), call.arguments());
        } else if (part instanceof ContentPart.ToolResult result) {
            add("result", result.callId(), String.valueOf(result.error()));
            result.content().forEach(this::add);
        } else if (part instanceof ContentPart.Image image) {
            add("image", image.url());
        } else if (part instanceof ContentPart.Opaque opaque) {
            add("opaque", opaque.type(), opaque.json());
        }
    }

    private void add(@Nullable String... texts) {
        for (String text : texts) {
            if (text != null) {
                digest.update(text.getBytes(StandardCharsets.UTF_8));
            }
            digest.update((byte) 0);
        }
    }
}
