package dev.kimi.gateway.completions;

import static dev.kimi.gateway.completions.CompletionsChat.rejected;

import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Provenance;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The parts of which a message may consist. */
final class PartTranslation {

    private static final JsonMapper MAPPER = new JsonMapper();

    private final TranslationNotes notes;

    PartTranslation(TranslationNotes notes) {
        this.notes = notes;
    }

    /** @param content a text, or an array of parts */
    List<ContentPart> of(JsonNode content, String where) {
        if (content.isString()) {
            return List.of(ContentPart.text(content.asString()));
        }
        if (!content.isArray() || content.isEmpty()) {
            throw rejected("\"" + where + "\" must be a string, or an array with at least one part.");
        }
        List<ContentPart> parts = new ArrayList<>(content.size());
        for (int i = 0; i < content.size(); i++) {
            parts.add(part(content.path(i), where + "[" + i + "]"));
        }
        return parts;
    }

    private ContentPart part(JsonNode part, String where) {
        return switch (Fields.text(part.path("type"), where + ".type")) {
            case "text" -> ContentPart.text(Fields.text(part.path("text"), where + ".text"));
            case "refusal" -> ContentPart.text(Fields.text(part.path("refusal"), where + ".refusal"));
            case "image_url" -> image(part.path("image_url"), where + ".image_url");
            case "file" -> file(part.path("file"), where + ".file");
            default ->
                throw rejected("\"" + where + ".type\" must be text, image_url or file: the model is one of a service"
                        + " that reads nothing else.");
        };
    }

    private ContentPart image(JsonNode image, String where) {
        if (image.hasNonNull("detail")) {
            notes.dropped("image_url.detail");
        }
        return ContentPart.image(Fields.name(image.isString() ? image : image.path("url"), where + ".url"));
    }

    private ContentPart file(JsonNode file, String where) {
        String data = file.path("file_data").asString("");
        int comma = data.indexOf(',');
        String head = data.substring(0, Math.max(0, comma));
        if (!head.startsWith("data:") || !head.endsWith(";base64")) {
            throw rejected("\"" + where + ".file_data\" must be a data: URL in base64: files that were uploaded to"
                    + " another service cannot be read here.");
        }
        ObjectNode document = MAPPER.createObjectNode().put("type", "document");
        document.putObject("source")
                .put("type", "base64")
                .put("media_type", head.substring("data:".length(), head.indexOf(';')))
                .put("data", data.substring(comma + 1));
        if (file.path("filename").isString()) {
            document.put("title", file.path("filename").asString());
        }
        return ContentPart.opaque(Provenance.ANTHROPIC, "document", document.toString());
    }
}
