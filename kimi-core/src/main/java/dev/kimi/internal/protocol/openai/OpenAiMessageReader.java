package dev.kimi.internal.protocol.openai;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Provenance;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.json.JsonWriter;
import dev.kimi.internal.protocol.SurrogatePairs;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the {@code message} of a response or the {@code delta} of a chunk into an {@link ResponseAssembly}. */
final class OpenAiMessageReader {

    private static final JsonReader.Names MESSAGE = JsonReader.Names.of(
            "content", "reasoning_content", "reasoning", "reasoning_details", "tool_calls", "refusal", "role");
    private static final JsonReader.Names PART = JsonReader.Names.of("type", "text", "thinking");
    private static final JsonReader.Names CALL = JsonReader.Names.of("index", "id", "function", "type");
    private static final Pattern INDEX = Pattern.compile("\\s*\\d{1,9}(\\.0*)?\\s*");
    private static final JsonReader.Names FUNCTION = JsonReader.Names.of("name", "arguments");

    private final ResponseAssembly assembly;
    private final boolean whole;
    private final Consumer<? super ChatEvent> out;

    private String text = "";
    private String standard = "";
    private String routed = "";
    private String detailed = "";
    private final List<ContentPart.Opaque> opaque = new ArrayList<>(0);
    private final SurrogatePairs textPairs = new SurrogatePairs();
    private final SurrogatePairs thoughtPairs = new SurrogatePairs();

    OpenAiMessageReader(ResponseAssembly assembly, boolean whole, Consumer<? super ChatEvent> out) {
        this.assembly = assembly;
        this.whole = whole;
        this.out = out;
    }

    /** Takes text that stands by itself. */
    void plain(String value) {
        text = value;
        flush();
    }

    void read(JsonReader in) {
        if (!in.beginObject()) {
            return;
        }
        for (int name = in.nextName(MESSAGE); name != JsonReader.END; name = in.nextName(MESSAGE)) {
            switch (name) {
                case 0 -> text = join(text, content(in));
                case 1 -> {
                    assembly.standardReasoning |= in.isString();
                    standard = orEmpty(in.string());
                }
                case 2 -> {
                    assembly.routedReasoning |= in.isString();
                    routed = orEmpty(in.string());
                }
                case 3 -> detailed = assembly.details.add(in);
                case 4 -> calls(in);
                case 5 -> text = join(text, orEmpty(in.string()));
                case 6 -> in.skip();
                default -> other(in);
            }
        }
        flush();
        if (whole) {
            end();
        }
    }

    /** Nothing follows: half a character at the end stays half. */
    void end() {
        hand(thoughtPairs.end(), textPairs.end());
    }

    /** The same thought may come under up to three names at once. */
    private void flush() {
        assembly.routedReasoning |= !detailed.isEmpty();
        String thought = !standard.isEmpty() ? standard : !routed.isEmpty() ? routed : detailed;
        hand(thoughtPairs.join(thought), textPairs.join(text));
        opaque.forEach(part -> assembly.opaque(part, out));
        opaque.clear();
        text = "";
        standard = "";
        routed = "";
        detailed = "";
    }

    private void hand(String thought, String said) {
        if (!thought.isEmpty()) {
            assembly.reasoning.append(thought);
            out.accept(new ChatEvent.Reasoning(thought));
        }
        if (!said.isEmpty()) {
            assembly.text.append(said);
            out.accept(new ChatEvent.Text(said));
        }
    }

    /** A string, or a list of parts, of which text and thinking are read. */
    private String content(JsonReader in) {
        if (!in.isArray()) {
            return orEmpty(in.string());
        }
        StringBuilder all = new StringBuilder();
        in.beginArray();
        while (in.nextElement()) {
            if (in.isString()) {
                all.append(orEmpty(in.string()));
                continue;
            }
            String object = in.objectText();
            if (object != null) {
                all.append(part(object));
            }
        }
        return all.toString();
    }

    private String part(String object) {
        try (JsonReader in = new JsonReader(object.getBytes(StandardCharsets.UTF_8))) {
            in.next();
            in.beginObject();
            return part(in, object);
        }
    }

    private String part(JsonReader in, String object) {
        String said = null;
        String type = "";
        boolean known = false;
        for (int name = in.nextName(PART); name != JsonReader.END; name = in.nextName(PART)) {
            switch (name) {
                case 0 -> type = orEmpty(in.string());
                case 1 -> {
                    known = true;
                    said = in.string();
                }
                case 2 -> {
                    known = true;
                    assembly.routedReasoning = true;
                    routed += content(in);
                }
                default -> in.skip();
            }
        }
        if (!known && !type.isEmpty()) {
            opaque.add(new ContentPart.Opaque(Provenance.OPENAI, type, object));
        }
        return orEmpty(said);
    }

    void calls(JsonReader in) {
        if (!in.beginArray()) {
            return;
        }
        while (in.nextElement()) {
            if (in.beginObject()) {
                call(in);
            }
        }
    }

    private void call(JsonReader in) {
        int index = -1;
        String id = "";
        boolean typed = false;
        String[] function = {"", ""};
        for (int name = in.nextName(CALL); name != JsonReader.END; name = in.nextName(CALL)) {
            switch (name) {
                case 0 -> index = index(in.text());
                case 1 -> id = orEmpty(in.text());
                case 2 -> function(in, function);
                case 3 -> typed = !orEmpty(in.string()).isEmpty();
                default -> in.skip();
            }
        }
        ToolCallPiece piece = new ToolCallPiece(index, id, typed, function[0], function[1]);
        flush();
        if (whole) {
            assembly.tools.addWhole(piece, out);
        } else {
            assembly.tools.add(piece, out);
        }
    }

    /** Numbers come as 0, 1.0 or "0"; what is none counts as missing. */
    private static int index(@Nullable String text) {
        if (text == null || !INDEX.matcher(text).matches()) {
            return -1;
        }
        return Integer.parseInt(text.strip().split("\\.", 2)[0]);
    }

    private static void function(JsonReader in, String[] function) {
        if (in.beginObject()) {
            for (int name = in.nextName(FUNCTION); name != JsonReader.END; name = in.nextName(FUNCTION)) {
                switch (name) {
                    case 0 -> function[0] = orEmpty(in.string());
                    case 1 -> function[1] = arguments(in);
                    default -> in.skip();
                }
            }
        }
    }

    /** JSON text in a string; some send the JSON itself. What is no object is kept too, to be found broken. */
    private static String arguments(JsonReader in) {
        if (in.isString() || in.isNull()) {
            return orEmpty(in.string());
        }
        return new String(new JsonWriter().any(in.anyUnique()).toByteArray(), StandardCharsets.UTF_8);
    }

    private void other(JsonReader in) {
        if (whole && assembly.takesExtra(in.name())) {
            String name = in.name();
            Object value = in.any();
            if (value != null) {
                assembly.extra(name, value);
            }
        } else {
            in.skip();
        }
    }

    private static String join(String one, String other) {
        return one.isEmpty() ? other : one + other;
    }

    private static String orEmpty(@Nullable String value) {
        return value == null ? "" : value;
    }
}
