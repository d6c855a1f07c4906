package dev.kimi.internal.protocol.anthropic;

import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message.Block;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.json.JsonWriter;
import dev.kimi.internal.protocol.EncodeTarget;
import dev.kimi.service.ModelCard;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the content blocks of turns. */
final class BlockWriter {

    private final JsonWriter out;
    private final EncodeTarget target;
    private final @Nullable String lifetime;
    private final ToolIds ids = new ToolIds();

    /** @param lifetime of what a breakpoint keeps in the cache, or null for the shortest */
    BlockWriter(JsonWriter out, EncodeTarget target, @Nullable String lifetime) {
        this.out = out;
        this.target = target;
        this.lifetime = lifetime;
    }

    static void cacheControl(JsonWriter out, @Nullable String lifetime) {
        out.beginObject().field("type", "ephemeral");
        if (lifetime != null) {
            out.field("ttl", lifetime);
        }
        out.endObject();
    }

    /** Writes what stands in the content of a turn that no model wrote; the breakpoint is on the last part. */
    void content(List<ContentPart> parts, boolean breakpoint) {
        for (int i = 0; i < parts.size(); i++) {
            part(parts.get(i), breakpoint && i == parts.size() - 1);
        }
    }

    /** Writes the blocks of a turn of the assistant, whose results come after it. */
    void assistant(List<Block> blocks, boolean breakpoint) {
        ids.turn();
        int marked = -1;
        for (int i = 0; breakpoint && i < blocks.size(); i++) {
            // thinking takes no breakpoint
            marked = SentBlocks.isThinking(blocks.get(i)) ? marked : i;
        }
        for (int i = 0; i < blocks.size(); i++) {
            block(blocks.get(i), i == marked);
        }
    }

    void result(ContentPart.ToolResult result, boolean breakpoint) {
        out.beginObject().field("type", "tool_result").field("tool_use_id", ids.ofResult(result.callId()));
        List<ContentPart> content = result.content();
        if (content.size() == 1 && content.get(0) instanceof ContentPart.Text only) {
            out.field("content", only.text());
        } else {
            out.name("content").beginArray();
            content.stream().filter(SentBlocks::isSaid).forEach(part -> part(part, false));
            out.endArray();
        }
        if (result.error()) {
            out.field("is_error", true);
        }
        breakpoint(breakpoint);
        out.endObject();
    }

    private void block(Block block, boolean breakpoint) {
        String raw = target.rawOf(block);
        if (block.content() instanceof ToolCall call) {
            call(call, raw, breakpoint);
        } else if (raw != null) {
            raw(raw, breakpoint);
        } else if (block.content() instanceof ContentPart.Reasoning reasoning) {
            out.beginObject().field("type", "thinking").field("thinking", reasoning.text());
            if (reasoning.signature() != null) {
                out.field("signature", reasoning.signature());
            }
            out.endObject();
        } else {
            part(block.content(), breakpoint);
        }
    }

    private void raw(String json, boolean breakpoint) {
        if (breakpoint) {
            out.beginObject().members(json);
            breakpoint(true);
            out.endObject();
        } else {
            out.json(json);
        }
    }

    private void call(ToolCall call, @Nullable String raw, boolean breakpoint) {
        String id = ids.ofCall(call.id());
        if (raw != null && id.equals(call.id())) {
            raw(raw, breakpoint);
            return;
        }
        out.beginObject().field("type", "tool_use").field("id", id).field("name", call.name());
        try {
            out.name("input").json(call.arguments().isBlank() ? "{}" : call.arguments());
        } catch (JsonException e) {
            throw rejected(
                    "messages",
                    "The arguments of a call of the tool " + call.name() + " are no JSON.",
                    "Keep calls as they came.");
        }
        breakpoint(breakpoint);
        out.endObject();
    }

    private void part(ContentPart part, boolean breakpoint) {
        if (part instanceof ContentPart.Opaque opaque) {
            opaque(opaque, breakpoint);
            return;
        }
        out.beginObject();
        if (part instanceof ContentPart.Text text) {
            out.field("type", "text").field("text", text.text());
        } else if (part instanceof ContentPart.Image image) {
            out.field("type", "image").name("source");
            source(image.url());
        }
        breakpoint(breakpoint);
        out.endObject();
    }

    private void breakpoint(boolean breakpoint) {
        if (breakpoint) {
            out.name("cache_control");
            cacheControl(out, lifetime);
        }
    }

    private void source(String url) {
        out.beginObject();
        if (url.startsWith("data:")) {
            int comma = url.indexOf(',');
            int semicolon = url.indexOf(';');
            if (comma < 0 || !url.substring(0, comma).endsWith(";base64")) {
                throw rejected("messages", "An image is given as a data: URL that is not base64.", "Give it as bytes.");
            }
            out.field("type", "base64").field("media_type", url.substring("data:".length(), semicolon));
            out.field("data", url.substring(comma + 1));
        } else if (url.startsWith("https://") || url.startsWith("http://") || isFileHere(url)) {
            out.field("type", "url").field("url", url);
        } else {
            throw rejected(
                    "messages",
                    "An image is a file of another service.",
                    "Give images as bytes, as data: URLs or by https address.");
        }
        out.endObject();
    }

    /** Kimi's files have URLs of their own. */
    private boolean isFileHere(String url) {
        List<String> sources = target.card().texts(ModelCard.Fact.IMAGE_SOURCES);
        return url.startsWith("ms://") && sources != null && sources.contains("ms");
    }

    private void opaque(ContentPart.Opaque opaque, boolean breakpoint) {
        if (!opaque.protocol().equals(Provenance.ANTHROPIC)) {
            throw rejected(
                    "messages",
                    "A message holds content of type " + opaque.type() + " in the form of the protocol "
                            + opaque.protocol() + ", which " + target.here().service() + " does not speak.",
                    "Give it as text or an image, or in the form of the protocol " + Provenance.ANTHROPIC + ".");
        }
        try {
            raw(opaque.json(), breakpoint);
        } catch (JsonException e) {
            throw rejected(
                    "messages",
                    "Content of type " + opaque.type() + " in a message is no JSON.",
                    "Give one JSON object.");
        }
    }

    static InvalidRequestException rejected(String param, String problem, String fix) {
        return new InvalidRequestException(problem + " " + fix, KimiException.Details.NONE, param, fix);
    }
}
