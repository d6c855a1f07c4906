package dev.kimi.internal.protocol.anthropic;

import dev.kimi.internal.json.JsonReader;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The members of the delta that an event carries: of a block or of the message. Read into again and again. */
final class Delta {

    private static final JsonReader.Names NAMES =
            JsonReader.Names.of("type", "text", "thinking", "partial_json", "signature", "citation", "stop_reason");

    @Nullable String text;

    @Nullable String thinking;

    @Nullable String partialJson;

    @Nullable String signature;

    @Nullable Object citation;

    @Nullable String stopReason;

    final Map<String, @Nullable Object> others = new LinkedHashMap<>(0);

    /** The members that a block keeps where it has no place for them. */
    Map<String, @Nullable Object> all() {
        if (text != null) {
            others.put("text", text);
        }
        if (thinking != null) {
            others.put("thinking", thinking);
        }
        if (partialJson != null) {
            others.put("partial_json", partialJson);
        }
        return others;
    }

    void clear() {
        text = null;
        thinking = null;
        partialJson = null;
        signature = null;
        citation = null;
        stopReason = null;
        if (!others.isEmpty()) {
            others.clear();
        }
    }

    void read(JsonReader in) {
        if (!in.beginObject()) {
            return;
        }
        for (int name = in.nextName(NAMES); name != JsonReader.END; name = in.nextName(NAMES)) {
            switch (name) {
                case 0 -> in.skip();
                case 1 -> text = in.string();
                case 2 -> thinking = in.string();
                case 3 -> partialJson = in.string();
                case 4 -> signature = in.string();
                case 5 -> citation = in.any();
                case 6 -> stopReason = in.string();
                default -> {
                    String member = in.name();
                    others.put(member, in.any());
                }
            }
        }
    }
}
