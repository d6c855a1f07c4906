package dev.kimi.internal.protocol.anthropic;

import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.internal.util.ErrorTextRedactor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the service says that it did to the reasoning in a request, of which it says nothing to those who do not ask.
 */
final class InputTransformations {

    /** The member of a message, and of its later parts, that has them. */
    static final String FIELD = "input_transformations";

    private InputTransformations() {}

    private record Kind(String type, String reason) {}

    /** Those that came before with those that come now. */
    static Object joined(@Nullable Object before, Object now) {
        if (!(before instanceof List<?> first) || !(now instanceof List<?> more)) {
            return now;
        }
        List<@Nullable Object> all = new ArrayList<>(first);
        all.addAll(more);
        return all;
    }

    /** One note for each kind that is known; that of others stays in the response as it came. */
    static List<Note> notes(@Nullable Object transformations) {
        if (!(transformations instanceof List<?> all)) {
            return List.of();
        }
        Map<Kind, Integer> counts = new LinkedHashMap<>();
        for (Object one : all) {
            if (one instanceof Map<?, ?> members) {
                Kind kind = new Kind(String.valueOf(members.get("type")), String.valueOf(members.get("reason")));
                counts.merge(kind, 1, Integer::sum);
            }
        }
        List<Note> notes = new ArrayList<>(counts.size());
        counts.forEach((kind, times) -> {
            String blocks = times + (times == 1 ? " block" : " blocks") + " of reasoning";
            if (kind.type().equals("thinking_dropped")) {
                notes.add(new Note(
                        Note.REASONING_DROPPED,
                        "The service left out " + blocks + ": " + because(kind.reason()) + "."));
            } else if (kind.type().equals("thinking_mismatch_allowed")) {
                notes.add(new Note(
                        Note.REASONING_MISMATCH,
                        "The service let " + blocks + " pass all the same: " + because(kind.reason()) + "."));
            }
        });
        return notes;
    }

    private static String because(String reason) {
        return switch (reason) {
            case "prefix_binding_mismatch" -> "what stands before it was changed after the model had thought";
            case "model_binding_mismatch" -> "it was written by a model whose reasoning this one cannot read";
            case "organization_binding_mismatch" -> "it was written for another account";
            default ->
                ErrorTextRedactor.isHarmlessName(reason) ? "its reason is " + reason : "it gave a reason of its own";
        };
    }
}
