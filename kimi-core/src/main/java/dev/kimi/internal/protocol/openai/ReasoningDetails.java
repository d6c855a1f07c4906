package dev.kimi.internal.protocol.openai;

import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.protocol.ValueLimit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Collects {@code reasoning_details}, the form in which routers pass reasoning on, signatures and encrypted blocks
 * included. The service wants the whole list back, so fragments of one entry are joined and the order is kept.
 */
final class ReasoningDetails {

    private static final List<String> GROWING = List.of("text", "summary", "data");

    private final ValueLimit kept;
    private final List<Map<String, @Nullable Object>> entries = new ArrayList<>(0);

    ReasoningDetails(ValueLimit kept) {
        this.kept = kept;
    }

    /** Adds the fragments of one delta and returns the readable text in them, empty when there is none. */
    String add(JsonReader in) {
        if (!in.beginArray()) {
            return "";
        }
        StringBuilder text = new StringBuilder(0);
        while (in.nextElement()) {
            Map<String, @Nullable Object> fragment = in.object();
            if (fragment != null) {
                merge(fragment);
                text.append(readable(fragment));
            }
        }
        return text.toString();
    }

    /** The entries, empty when none came. */
    List<Map<String, @Nullable Object>> entries() {
        for (Map<String, @Nullable Object> entry : entries) {
            entry.replaceAll((name, value) -> value instanceof StringBuilder grown ? grown.toString() : value);
        }
        return entries;
    }

    /** The proof that came with the latest entry that has one, or null; what is encrypted proves itself. */
    @Nullable String signature() {
        String found = null;
        for (Map<String, @Nullable Object> entry : entries()) {
            Object proof = entry.get("signature") instanceof String ? entry.get("signature") : entry.get("data");
            found = proof instanceof String text ? text : found;
        }
        return found;
    }

    private void merge(Map<String, @Nullable Object> fragment) {
        Map<String, @Nullable Object> last = entries.isEmpty() ? null : entries.get(entries.size() - 1);
        if (last == null || fragment.get("index") == null || !sameEntry(last, fragment)) {
            kept.add(fragment);
            entries.add(new LinkedHashMap<>(fragment));
            return;
        }
        fragment.forEach((name, value) -> {
            if (GROWING.contains(name) && value instanceof String more && last.get(name) instanceof CharSequence old) {
                StringBuilder grown = old instanceof StringBuilder builder ? builder : new StringBuilder(old);
                last.put(name, grown.append(more));
            } else if (value != null && !value.equals(last.get(name))) {
                kept.add(value);
                last.put(name, value);
            }
        });
    }

    private static boolean sameEntry(Map<String, @Nullable Object> one, Map<String, @Nullable Object> other) {
        return Objects.equals(one.get("index"), other.get("index"))
                && Objects.equals(one.get("type"), other.get("type"));
    }

    private static String readable(Map<String, @Nullable Object> fragment) {
        Object text = fragment.get("text") instanceof String said ? said : fragment.get("summary");
        return text instanceof String said ? said : "";
    }
}
