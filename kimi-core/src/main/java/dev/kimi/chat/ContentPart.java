package dev.kimi.chat;

import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A piece of what a message says; see {@link Message#blocks()}. Pieces do not print their content.
 *
 * <p>The kinds are these, so that a {@code switch} over them may be exhaustive: what a service sends beyond them, and
 * what later versions of this library learn within one major version, is {@link Opaque}.
 */
public sealed interface ContentPart
        permits ContentPart.Text,
                ContentPart.Image,
                ContentPart.Reasoning,
                ToolCall,
                ContentPart.ToolResult,
                ContentPart.Opaque {

    /** A part of text. */
    static ContentPart text(String text) {
        return new Text(text);
    }

    /**
     * An image by address.
     *
     * @param url a {@code data:} URL, or {@code ms://<file id>} for an uploaded file; Kimi rejects http URLs
     */
    static ContentPart image(String url) {
        return new Image(url);
    }

    /**
     * An image by content.
     *
     * @param mediaType such as {@code image/png}
     * @param bytes the image file
     */
    static ContentPart image(String mediaType, byte[] bytes) {
        return new Image("data:" + mediaType + ";base64," + Base64.getEncoder().encodeToString(bytes));
    }

    /**
     * Content of a kind that this library does not know, such as a video for Kimi:
     *
     * <pre>{@code
     * ContentPart.opaque(Provenance.OPENAI, "video_url",
     *         "{\"type\":\"video_url\",\"video_url\":{\"url\":\"ms://file-1\"}}")
     * }</pre>
     *
     * @param protocol the protocol whose form it has; a request with it cannot go to a service of another
     * @param type the kind, as the protocol calls it
     * @param json one JSON object, sent as it is
     */
    static ContentPart opaque(String protocol, String type, String json) {
        return new Opaque(protocol, type, json);
    }

    /** Text. */
    record Text(String text) implements ContentPart {
        public Text {
            Objects.requireNonNull(text, "text");
        }

        @Override
        public String toString() {
            return "Text[" + text.length() + " characters]";
        }
    }

    /** An image. */
    record Image(String url) implements ContentPart {
        public Image {
            Objects.requireNonNull(url, "url");
        }

        @Override
        public String toString() {
            return "Image[" + url.length() + " characters]";
        }
    }

    /**
     * What the model thought.
     *
     * @param text its reasoning word for word; empty when the service keeps it to itself
     * @param signature what the service proves by that the reasoning is its own, or null when it gave nothing of the
     *     kind. Reasoning with a signature is bound to the model that wrote it. Signatures are never made here
     */
    record Reasoning(String text, @Nullable String signature) implements ContentPart {
        public Reasoning {
            Objects.requireNonNull(text, "text");
        }

        @Override
        public String toString() {
            return "Reasoning[" + text.length() + " characters]";
        }
    }

    /**
     * The result of a tool call.
     *
     * @param callId the id of the call, exactly as it came
     * @param content what the tool gave: text, images or opaque parts; never empty
     * @param error whether the tool failed; chat completions have no field for it, so that the text should say it too
     */
    record ToolResult(String callId, List<ContentPart> content, boolean error) implements ContentPart {
        public ToolResult {
            Objects.requireNonNull(callId, "callId");
            content = List.copyOf(content);
            if (content.isEmpty()) {
                throw new IllegalArgumentException("a tool result needs content; an empty text will do");
            }
            content.forEach(ContentPart::checkSayable);
        }

        @Override
        public String toString() {
            return "ToolResult[" + content.size() + " parts" + (error ? ", error]" : "]");
        }
    }

    /**
     * Content of a kind that this library does not know. It goes to services of its protocol as it is.
     *
     * @param protocol the protocol whose form it has, such as {@link Provenance#OPENAI}
     * @param type the kind, as the protocol calls it; empty when it did not say
     * @param json one JSON object, byte for byte as it came
     */
    record Opaque(String protocol, String type, String json) implements ContentPart {
        public Opaque {
            Objects.requireNonNull(protocol, "protocol");
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(json, "json");
        }

        @Override
        public String toString() {
            return "Opaque[" + type + ", " + json.length() + " characters]";
        }
    }

    /** @throws IllegalArgumentException if it is no text, image or opaque part */
    private static void checkSayable(ContentPart part) {
        if (!isSayable(part)) {
            throw new IllegalArgumentException("only text, images and opaque parts can stand here, but there is a "
                    + part.getClass().getSimpleName());
        }
    }

    private static boolean isSayable(ContentPart part) {
        return part instanceof Text || part instanceof Image || part instanceof Opaque;
    }
}
