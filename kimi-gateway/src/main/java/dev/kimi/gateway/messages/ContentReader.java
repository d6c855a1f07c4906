package dev.kimi.gateway.messages;

import dev.kimi.chat.ContentPart;
import dev.kimi.gateway.dialect.GatewayException;
import dev.kimi.relay.RelayTarget;
import dev.kimi.service.ModelCard.Fact;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Translates what a user or a tool says: text, images, and what can be said as text. Not thread-safe. */
final class ContentReader {

    private final RelayTarget target;
    private final Losses losses;
    /** Descriptions of the tools on offer, by name. */
    private final Map<String, String> tools;

    ContentReader(RelayTarget target, Losses losses, Map<String, String> tools) {
        this.target = target;
        this.losses = losses;
        this.tools = tools;
    }

    /**
     * The parts of a content.
     *
     * @param content a text, blocks, or nothing
     * @param path where it stands
     */
    List<ContentPart> parts(JsonNode content, String path) {
        List<ContentPart> parts = new ArrayList<>(content.size());
        if (content.isString()) {
            add(parts, content.asString());
            return parts;
        }
        if (content.isMissingNode() || content.isNull()) {
            return parts;
        }
        int index = 0;
        for (JsonNode block : blocks(content, path)) {
            ContentPart part = part(block, path + "." + index++);
            if (part != null) {
                parts.add(part);
            }
        }
        return parts;
    }

    /** @throws GatewayException if it is no array of objects */
    static JsonNode blocks(JsonNode content, String path) {
        if (!content.isArray()) {
            throw Invalid.request(path + ": Input should be a valid string or array");
        }
        int index = 0;
        for (JsonNode block : content) {
            if (!block.path("type").isString()) {
                throw Invalid.request(path + "." + index + ".type: Field required");
            }
            index++;
        }
        return content;
    }

    /** Null for what is left out. */
    @Nullable ContentPart part(JsonNode block, String path) {
        String type = block.path("type").asString();
        noteCaching(block);
        return switch (type) {
            case "text" -> text(block, path);
            case "image" -> image(block.path("source"), path);
            case "document" -> document(block, path);
            case "search_result" ->
                said(joined(
                        block.path("title").asString(""),
                        block.path("source").asString(""),
                        plain(block.path("content"), path + ".content")));
            case "tool_reference" -> reference(block.path("tool_name").asString(""));
            default -> {
                losses.block(type);
                yield null;
            }
        };
    }

    /** The text of a content that has no other; what else is in it is left out. */
    String plain(JsonNode content, String path) {
        List<String> texts = new ArrayList<>();
        for (ContentPart part : parts(content, path)) {
            if (part instanceof ContentPart.Text text) {
                texts.add(text.text());
            } else {
                losses.block("image");
            }
        }
        return joined(texts.toArray(String[]::new));
    }

    void noteCaching(JsonNode block) {
        if (block.hasNonNull(Losses.CACHE_CONTROL)) {
            losses.dropped(Losses.CACHE_CONTROL);
        }
    }

    private @Nullable ContentPart text(JsonNode block, String path) {
        if (!block.path("text").isString()) {
            throw Invalid.request(path + ".text: Input should be a valid string");
        }
        if (!block.path(Losses.CITATIONS).isEmpty()) {
            losses.dropped(Losses.CITATIONS);
        }
        return said(block.path("text").asString());
    }

    private ContentPart image(JsonNode source, String path) {
        String type = source.path("type").asString("");
        if (type.equals("base64") && source.path("data").isString()) {
            return ContentPart.image("data:" + source.path("media_type").asString("image/png") + ";base64,"
                    + source.path("data").asString());
        }
        String url = source.path("url").asString("");
        List<String> schemes = target.card().texts(Fact.IMAGE_SOURCES);
        if (type.equals("url")
                && (schemes == null || schemes.contains(url.substring(0, Math.max(0, url.indexOf(':')))))) {
            return ContentPart.image(url);
        }
        throw Invalid.request(path + ".source: " + target.model()
                + " takes images as base64 only. Send the bytes of the image, not its address.");
    }

    private @Nullable ContentPart document(JsonNode block, String path) {
        JsonNode source = block.path("source");
        if (block.path(Losses.CITATIONS).path("enabled").asBoolean(false)) {
            losses.dropped(Losses.CITATIONS);
        }
        return said(joined(
                block.path("title").asString(""), block.path("context").asString(""), documentText(source, path)));
    }

    private String documentText(JsonNode source, String path) {
        String type = source.path("type").asString("");
        String mediaType = source.path("media_type").asString("");
        String data = source.path("data").asString("");
        if (type.equals("text")) {
            return data;
        }
        if (type.equals("content")) {
            return plain(source.path("content"), path + ".source.content");
        }
        if (type.equals("base64") && mediaType.startsWith("text/")) {
            try {
                return new String(Base64.getDecoder().decode(data), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                throw Invalid.request(path + ".source.data: is no base64");
            }
        }
        String what = mediaType.isEmpty() ? "documents by " + type : mediaType + " documents";
        throw Invalid.request(path + ": " + target.model() + " does not read " + what
                + ". Send the text of the document, or use a Claude model.");
    }

    /** What a search for tools has found. All tools are on offer, so that it is enough to name it. */
    private ContentPart reference(String name) {
        String description = tools.getOrDefault(name, "");
        return ContentPart.text("Tool: " + name + (description.isEmpty() ? "" : "\n" + description));
    }

    private static @Nullable ContentPart said(String text) {
        return text.isEmpty() ? null : ContentPart.text(text);
    }

    private static void add(List<ContentPart> parts, String text) {
        if (!text.isEmpty()) {
            parts.add(ContentPart.text(text));
        }
    }

    private static String joined(String... texts) {
        StringBuilder all = new StringBuilder();
        for (String text : texts) {
            all.append(all.isEmpty() || text.isEmpty() ? "" : "\n").append(text);
        }
        return all.toString();
    }
}
