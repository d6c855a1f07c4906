package dev.kimi.langchain4j;

import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message.Block;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ToolCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of a message as maps, lists and texts, as stores of a chat memory keep them. What the message of LangChain4j
 * says anyway is not repeated, unless there is doubt about which block says it.
 */
final class KeptBlocks {

    private static final String TEXT = "text";
    private static final String REASONING = "reasoning";
    private static final String TOOL_CALL = "tool_call";
    private static final String IMAGE = "image";
    private static final String OPAQUE = "opaque";

    private KeptBlocks() {}

    static Map<String, Object> write(List<Block> blocks) {
        boolean oneText = count(blocks, ContentPart.Text.class) == 1;
        boolean oneReasoning = count(blocks, ContentPart.Reasoning.class) == 1;
        List<Map<String, Object>> entries = new ArrayList<>(blocks.size());
        for (Block block : blocks) {
            boolean whole = block.raw() != null;
            Map<String, Object> entry = new LinkedHashMap<>();
            if (block.content() instanceof ContentPart.Text text) {
                entry.put("type", TEXT);
                put(entry, "text", whole || !oneText ? text.text() : null);
            } else if (block.content() instanceof ContentPart.Reasoning reasoning) {
                entry.put("type", REASONING);
                put(entry, "text", oneReasoning ? null : reasoning.text());
                put(entry, "signature", reasoning.signature());
            } else if (block.content() instanceof ToolCall call) {
                entry.put("type", TOOL_CALL);
                put(entry, "arguments", whole ? call.arguments() : null);
            } else if (block.content() instanceof ContentPart.Image image) {
                entry.put("type", IMAGE);
                entry.put("url", image.url());
            } else if (block.content() instanceof ContentPart.Opaque opaque) {
                entry.put("type", OPAQUE);
                entry.put("protocol", opaque.protocol());
                entry.put("kind", opaque.type());
                entry.put("json", opaque.json());
            }
            put(entry, "raw", block.raw());
            entries.add(entry);
        }
        Map<String, Object> kept = new LinkedHashMap<>();
        Provenance origin = blocks.get(0).origin();
        if (origin != null) {
            kept.put("protocol", origin.protocol());
            kept.put("service", origin.service());
            kept.put("model", origin.model());
        }
        kept.put("blocks", entries);
        return kept;
    }

    private static long count(List<Block> blocks, Class<? extends ContentPart> kind) {
        return blocks.stream().filter(block -> kind.isInstance(block.content())).count();
    }

    private static void put(Map<String, Object> entry, String name, @Nullable String value) {
        if (value != null) {
            entry.put(name, value);
        }
    }

    /**
     * The blocks again; what a store has made unreadable is left out.
     *
     * @param text the message's own text
     * @param thinking the message's own thinking
     * @param calls the message's own tool calls
     */
    static List<Block> read(Map<?, ?> kept, String text, String thinking, List<ToolCall> calls) {
        List<Block> blocks = new ArrayList<>();
        if (!(kept.get("blocks") instanceof List<?> entries)) {
            return blocks;
        }
        Provenance origin = origin(kept);
        int call = 0;
        for (Object each : entries) {
            if (!(each instanceof Map<?, ?> entry)) {
                continue;
            }
            String type = string(entry, "type", "");
            ContentPart content;
            if (type.equals(TOOL_CALL)) {
                content = call < calls.size() ? call(entry, calls.get(call)) : null;
                call++;
            } else {
                content = content(entry, type, text, thinking);
            }
            if (content != null) {
                blocks.add(new Block(content, origin, string(entry, "raw")));
            }
        }
        return blocks;
    }

    private static @Nullable ContentPart content(Map<?, ?> entry, String type, String text, String thinking) {
        return switch (type) {
            case TEXT -> new ContentPart.Text(string(entry, "text", text));
            case REASONING -> new ContentPart.Reasoning(string(entry, "text", thinking), string(entry, "signature"));
            case IMAGE -> ContentPart.image(string(entry, "url", ""));
            case OPAQUE ->
                ContentPart.opaque(
                        string(entry, "protocol", ""), string(entry, "kind", ""), string(entry, "json", "{}"));
            default -> null;
        };
    }

    private static ToolCall call(Map<?, ?> entry, ToolCall call) {
        return new ToolCall(call.id(), call.name(), string(entry, "arguments", call.arguments()));
    }

    private static @Nullable Provenance origin(Map<?, ?> kept) {
        String protocol = string(kept, "protocol");
        String service = string(kept, "service");
        String model = string(kept, "model");
        return protocol == null || service == null || model == null ? null : new Provenance(protocol, service, model);
    }

    private static String string(Map<?, ?> entry, String name, String otherwise) {
        String value = string(entry, name);
        return value == null ? otherwise : value;
    }

    private static @Nullable String string(Map<?, ?> entry, String name) {
        return entry.get(name) instanceof String value ? value : null;
    }
}
