package dev.kimi.internal.protocol.anthropic;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.protocol.EncodeTarget;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the service rejects from version 2026-10-21 of the API on, on every model: parameters of sampling, documents in
 * turns of the assistant, citations in the user's text. A field given as an extra is looked at by its name alone.
 */
final class VersionRules {

    private static final String FIRST = "2026-10-21";
    private static final Pattern DATE = Pattern.compile("\\d{4}-\\d\\d-\\d\\d");
    private static final List<String> SAMPLING = List.of("temperature", "top_p", "top_k");

    private final String version;

    private VersionRules(String version) {
        this.version = version;
    }

    /** The rules of a version, or null when it has none of these. */
    static @Nullable VersionRules of(String version) {
        return DATE.matcher(version).matches() && version.compareTo(FIRST) >= 0 ? new VersionRules(version) : null;
    }

    /** @throws dev.kimi.error.InvalidRequestException naming the field and what to write instead */
    void check(ChatRequest request, EncodeTarget target) {
        Map<String, Object> extra = target.fields(request.extra(), request.extra(Provenance.ANTHROPIC));
        for (String field : SAMPLING) {
            boolean set = extra.containsKey(field)
                    || field.equals("temperature") && request.temperature() != null
                    || field.equals("top_p") && request.topP() != null;
            if (set) {
                throw BlockWriter.rejected(
                        field,
                        "Version " + version + " of the API takes no " + field + ", whatever its value.",
                        "Leave it out, or set the version to 2023-06-01 for a model that takes it.");
            }
        }
        if (!extra.containsKey("messages")) {
            request.messages().forEach(this::check);
        }
    }

    private void check(Message message) {
        boolean assistant = message.role() == Message.Role.ASSISTANT;
        for (Message.Block block : message.blocks()) {
            if (block.content() instanceof ContentPart.ToolResult result) {
                result.content().forEach(this::checkUsers);
            } else if (!assistant) {
                checkUsers(block.content());
            } else if (isOfType(block.content(), "document")) {
                throw BlockWriter.rejected(
                        "messages",
                        "Version " + version + " of the API takes no document in a turn of the assistant.",
                        "Give it in a message of the user, or set the version to 2023-06-01.");
            }
        }
    }

    private void checkUsers(ContentPart part) {
        if (part instanceof ContentPart.Opaque opaque
                && (isOfType(part, "text") || isOfType(part, "search_result"))
                && hasCitations(opaque.json())) {
            throw BlockWriter.rejected(
                    "messages",
                    "Version " + version + " of the API takes no citations in text of the user.",
                    "Leave citations out of the block, or set the version to 2023-06-01.");
        }
    }

    private static boolean isOfType(ContentPart part, String type) {
        return part instanceof ContentPart.Opaque opaque
                && opaque.protocol().equals(Provenance.ANTHROPIC)
                && opaque.type().equals(type);
    }

    private static boolean hasCitations(String json) {
        try (JsonReader in = new JsonReader(json.getBytes(StandardCharsets.UTF_8))) {
            return in.next() && isCiting(in.any());
        } catch (JsonException e) {
            // whoever writes it says so
            return false;
        }
    }

    private static boolean isCiting(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return list.stream().anyMatch(VersionRules::isCiting);
        }
        return value instanceof Map<?, ?> block
                && (block.get("citations") instanceof List<?> citations && !citations.isEmpty()
                        || isCiting(block.get("content")));
    }
}
