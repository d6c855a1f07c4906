package dev.kimi.chat;

import java.util.Base64;
import java.util.Objects;

/** A part of a message that is not just text. Parts do not print their content. */
public sealed interface ContentPart {

    /** A part of text. */
    static ContentPart text(String text) {
        return new Text(text);
    }

    /**
     * An image by address.
     *
     * @param url a {@code data:} URL, or {@code ms://<file id>} for an uploaded file; Kimi refuses http URLs
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
}
