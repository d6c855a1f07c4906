package dev.kimi.internal.protocol.openai;

import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Message.Block;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.json.JsonWriter;
import dev.kimi.internal.protocol.EncodeTarget;
import dev.kimi.internal.protocol.Omissions;
import dev.kimi.service.ModelCard.Fact;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes the messages of an OpenAI-style request. What a message is written as depends on itself and on the service and
 * model it goes to, and on nothing else of the request: prompt caches are found by the bytes of the messages before.
 */
final class OpenAiMessageWriter {

    private static final Set<String> REASONING = Set.of("reasoning_content", "reasoning", "reasoning_details");

    private final JsonWriter out;
    private final EncodeTarget target;
    private final Omissions omissions;

    OpenAiMessageWriter(JsonWriter out, EncodeTarget target, Omissions omissions) {
        this.out = out;
        this.target = target;
        this.omissions = omissions;
    }

    /** Writes a turn as the messages that the protocol has for it: one, or one for each tool result. */
    void write(Message message) {
        if (!target.own()) {
            message.extra().keySet().forEach(omissions::field);
        }
        if (message.role() == Message.Role.TOOL) {
            for (Block block : message.blocks()) {
                if (block.content() instanceof ContentPart.ToolResult result) {
                    result(message, result);
                }
            }
        } else {
            turn(message);
        }
    }

    private void result(Message message, ContentPart.ToolResult result) {
        Map<String, Object> more = fields(message);
        out.beginObject().field("role", message.role().wireName());
        if (!more.containsKey("content")) {
            content(result.content());
        }
        if (!more.containsKey("tool_call_id")) {
            out.field("tool_call_id", result.callId());
        }
        more.forEach((name, value) -> out.name(name).any(value));
        out.endObject();
    }

    private void turn(Message message) {
        Map<String, Object> more = fields(message);
        List<ContentPart> content = sayable(message);
        List<ToolCall> calls = message.toolCalls();
        boolean silent = message.role() == Message.Role.ASSISTANT
                && content.stream()
                        .allMatch(part -> part instanceof ContentPart.Text text
                                && text.text().isEmpty());
        if (silent && calls.isEmpty() && REASONING.containsAll(more.keySet())) {
            // The service rejects a turn that says nothing; it adds nothing to the conversation either.
            return;
        }
        out.beginObject().field("role", message.role().wireName());
        // An empty text beside tool calls is rejected; a missing one is not.
        if (!more.containsKey("content") && !(silent && !calls.isEmpty())) {
            content(content);
        }
        if (Collections.disjoint(more.keySet(), REASONING)) {
            reasoning(message, !calls.isEmpty());
        }
        if (!calls.isEmpty() && !more.containsKey("tool_calls")) {
            calls(calls);
        }
        more.forEach((name, value) -> out.name(name).any(value));
        out.endObject();
    }

    private Map<String, Object> fields(Message message) {
        return target.fields(message.extra(), message.extra(Provenance.OPENAI));
    }

    /** Text, images and what this service takes of the rest. */
    private List<ContentPart> sayable(Message message) {
        List<ContentPart> parts = new ArrayList<>(1);
        for (Block block : message.blocks()) {
            if (block.content() instanceof ContentPart.Opaque opaque) {
                Provenance origin = block.origin();
                if (origin == null || target.isMaker(block)) {
                    parts.add(opaque);
                } else {
                    omissions.content(opaque.type(), origin);
                }
            } else if (block.content() instanceof ContentPart.Text || block.content() instanceof ContentPart.Image) {
                parts.add(block.content());
            }
        }
        return parts;
    }

    private void content(List<ContentPart> parts) {
        out.name("content");
        if (parts.isEmpty()) {
            out.value("");
            return;
        }
        if (parts.size() == 1 && parts.get(0) instanceof ContentPart.Text only) {
            out.value(only.text());
            return;
        }
        out.beginArray();
        parts.forEach(this::part);
        out.endArray();
    }

    private void part(ContentPart part) {
        if (part instanceof ContentPart.Text text) {
            out.beginObject().field("type", "text").field("text", text.text()).endObject();
        } else if (part instanceof ContentPart.Image image) {
            out.beginObject().field("type", "image_url");
            out.name("image_url").beginObject().field("url", image.url()).endObject();
            out.endObject();
        } else if (part instanceof ContentPart.Opaque opaque) {
            opaque(opaque);
        }
    }

    private void opaque(ContentPart.Opaque opaque) {
        if (!opaque.protocol().equals(Provenance.OPENAI)) {
            throw rejected(
                    "A message holds content of type " + opaque.type() + " in the form of the protocol "
                            + opaque.protocol() + ", which " + target.here().service() + " does not speak.",
                    "Give it as text or an image, or in the form of the protocol " + Provenance.OPENAI + ".");
        }
        try {
            out.json(opaque.json());
        } catch (JsonException e) {
            throw rejected("Content of type " + opaque.type() + " in a message is no JSON.", "Give one JSON object.");
        }
    }

    private void reasoning(Message message, boolean hasCalls) {
        StringBuilder plain = null;
        boolean written = false;
        for (Block block : message.blocks()) {
            if (!(block.content() instanceof ContentPart.Reasoning reasoning)) {
                continue;
            }
            String raw = target.rawOf(block);
            if (!target.reads(block, reasoning)) {
                omitted(block.origin());
            } else if (raw != null && !written) {
                out.members(raw);
                written = true;
            } else if (raw == null) {
                plain = (plain == null ? new StringBuilder() : plain).append(reasoning.text());
            }
        }
        // Kimi rejects a turn with tool calls that has no reasoning, and the true one it could not read.
        boolean owed = hasCalls && target.card().flag(Fact.REASONING_OWED) && target.isForeign(message);
        if (!written && (plain != null || owed)) {
            out.field("reasoning_content", plain == null ? "" : plain.toString());
        }
    }

    private void omitted(@Nullable Provenance origin) {
        if (origin != null) {
            omissions.reasoning(origin);
        }
    }

    private void calls(List<ToolCall> calls) {
        out.name("tool_calls").beginArray();
        for (ToolCall call : calls) {
            out.beginObject().field("id", call.id()).field("type", "function");
            out.name("function").beginObject();
            out.field("name", call.name()).field("arguments", call.arguments()).endObject();
            out.endObject();
        }
        out.endArray();
    }

    private static InvalidRequestException rejected(String problem, String fix) {
        return new InvalidRequestException(problem + " " + fix, KimiException.Details.NONE, "messages", fix);
    }
}
