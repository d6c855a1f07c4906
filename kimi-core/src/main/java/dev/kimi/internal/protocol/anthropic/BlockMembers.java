package dev.kimi.internal.protocol.anthropic;

import dev.kimi.internal.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The members of a content block, in the order in which they came, and what deltas make of them. */
final class BlockMembers {

    private final Map<String, @Nullable Object> values;

    private BlockMembers(Map<String, @Nullable Object> values) {
        this.values = values;
    }

    static BlockMembers of(BlockStart start) {
        return new BlockMembers(start.members());
    }

    /** Appends to a text. */
    void grow(String name, String piece) {
        Object had = values.get(name);
        if (had instanceof StringBuilder text) {
            text.append(piece);
        } else {
            values.put(name, new StringBuilder(had instanceof String text ? text : "").append(piece));
        }
    }

    /** Adds an element to a list, such as {@code citations}. */
    @SuppressWarnings("unchecked")
    void addTo(String name, Object element) {
        if (values.get(name) instanceof List<?> list) {
            ((List<Object>) list).add(element);
        } else {
            List<Object> list = new ArrayList<>(2);
            list.add(element);
            values.put(name, list);
        }
    }

    /** What a delta of a kind that is not known says: texts are appended, anything else replaces. */
    void merge(Map<String, @Nullable Object> delta) {
        delta.forEach((name, value) -> {
            if (value instanceof String piece && values.get(name) instanceof CharSequence) {
                grow(name, piece);
            } else {
                values.put(name, value);
            }
        });
    }

    /** The member when it is a text, else an empty one. */
    String string(String name) {
        return values.get(name) instanceof CharSequence text ? text.toString() : "";
    }

    /** Whether the writer of requests writes all of them. */
    boolean areKnown(BlockStart.Kind kind) {
        return values.keySet().stream().allMatch(kind::writes);
    }

    /**
     * The whole block.
     *
     * @param grows name of a member whose value is elsewhere, or null
     * @param grown writes that value
     */
    String toJson(@Nullable String grows, Consumer<JsonWriter> grown) {
        JsonWriter out = new JsonWriter().beginObject();
        values.forEach((name, value) -> {
            out.name(name);
            if (name.equals(grows)) {
                grown.accept(out);
            } else {
                out.any(value);
            }
        });
        if (grows != null && !values.containsKey(grows)) {
            grown.accept(out.name(grows));
        }
        return new String(out.endObject().toByteArray(), StandardCharsets.UTF_8);
    }
}
