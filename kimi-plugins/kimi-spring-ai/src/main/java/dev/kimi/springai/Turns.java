package dev.kimi.springai;

import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Message.Block;
import dev.kimi.chat.Message.Role;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ToolCall;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.AssistantMessage;

/**
 * Keeps an assistant's turn in the metadata of Spring AI's message, and puts it together again. In the metadata are
 * lists, maps and texts only: repositories of chat memory write them as JSON.
 */
final class Turns {

    private static final String TYPE = "type";

    private Turns() {}

    /**
     * @param turn what is to go back to the service
     * @param prefix what it follows, or null where that does not matter
     */
    static AssistantMessage write(Message turn, @Nullable String prefix) {
        Map<String, Object> metadata = new HashMap<>(4);
        if (prefix != null) {
            metadata.put(Prefix.KEY, prefix);
        }
        metadata.put(
                KimiChatModel.BLOCKS, turn.blocks().stream().map(Turns::write).toList());
        String reasoning = turn.reasoning();
        if (reasoning != null) {
            metadata.put(KimiChatModel.REASONING, reasoning);
        }
        return AssistantMessage.builder()
                .content(turn.text())
                .properties(metadata)
                .toolCalls(turn.toolCalls().stream()
                        .map(call ->
                                new AssistantMessage.ToolCall(call.id(), "function", call.name(), call.arguments()))
                        .toList())
                .build();
    }

    /** The turn that was written, unless what the message shows is not what the turn said. */
    static Message read(AssistantMessage message) {
        Message shown = Message.assistant(
                Objects.requireNonNullElse(message.getText(), ""),
                null,
                message.getToolCalls().stream()
                        .map(call -> new ToolCall(call.id(), call.name(), call.arguments()))
                        .toList());
        Message kept = kept(message.getMetadata().get(KimiChatModel.BLOCKS));
        return kept != null
                        && kept.text().equals(shown.text())
                        && kept.toolCalls().equals(shown.toolCalls())
                ? kept
                : shown;
    }

    private static @Nullable Message kept(@Nullable Object written) {
        if (!(written instanceof List<?> list)) {
            return null;
        }
        List<Block> blocks = new ArrayList<>(list.size());
        for (Object each : list) {
            Block block = each instanceof Map<?, ?> fields ? read(new Fields(fields)) : null;
            if (block == null) {
                return null;
            }
            blocks.add(block);
        }
        return Message.of(Role.ASSISTANT, blocks);
    }

    private static Map<String, String> write(Block block) {
        Map<String, String> fields = new LinkedHashMap<>();
        ContentPart content = block.content();
        if (content instanceof ContentPart.Text text) {
            fields.put(TYPE, "text");
            fields.put("text", text.text());
        } else if (content instanceof ContentPart.Reasoning reasoning) {
            fields.put(TYPE, "reasoning");
            fields.put("text", reasoning.text());
            put(fields, "signature", reasoning.signature());
        } else if (content instanceof ToolCall call) {
            fields.put(TYPE, "tool_call");
            fields.put("id", call.id());
            fields.put("name", call.name());
            fields.put("arguments", call.arguments());
        } else if (content instanceof ContentPart.Image image) {
            fields.put(TYPE, "image");
            fields.put("url", image.url());
        } else if (content instanceof ContentPart.Opaque opaque) {
            fields.put(TYPE, "opaque");
            fields.put("form", opaque.protocol());
            fields.put("name", opaque.type());
            fields.put("json", opaque.json());
        }
        Provenance origin = block.origin();
        if (origin != null) {
            fields.put("protocol", origin.protocol());
            fields.put("service", origin.service());
            fields.put("model", origin.model());
        }
        put(fields, "raw", block.raw());
        return fields;
    }

    private static void put(Map<String, String> fields, String name, @Nullable String value) {
        if (value != null) {
            fields.put(name, value);
        }
    }

    /** Null for what a later version, or somebody else, has written. */
    private static @Nullable Block read(Fields fields) {
        ContentPart content = switch (fields.text(TYPE)) {
            case "text" -> new ContentPart.Text(fields.text("text"));
            case "reasoning" -> new ContentPart.Reasoning(fields.text("text"), fields.optional("signature"));
            case "tool_call" -> new ToolCall(fields.text("id"), fields.text("name"), fields.text("arguments"));
            case "image" -> new ContentPart.Image(fields.text("url"));
            case "opaque" -> new ContentPart.Opaque(fields.text("form"), fields.text("name"), fields.text("json"));
            default -> null;
        };
        if (content == null) {
            return null;
        }
        String protocol = fields.optional("protocol");
        Provenance origin =
                protocol == null ? null : new Provenance(protocol, fields.text("service"), fields.text("model"));
        return new Block(content, origin, fields.optional("raw"));
    }

    private record Fields(Map<?, ?> values) {

        String text(String name) {
            return Objects.requireNonNullElse(optional(name), "");
        }

        @Nullable String optional(String name) {
            return values.get(name) instanceof String text ? text : null;
        }
    }
}
