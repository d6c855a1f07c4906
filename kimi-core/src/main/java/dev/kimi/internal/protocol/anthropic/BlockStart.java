package dev.kimi.internal.protocol.anthropic;

import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.json.JsonWriter;
import dev.kimi.internal.protocol.ToolArguments;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A content block as it begins in a stream, or as it is in a whole message. Does not change once it is read. */
final class BlockStart {

    private static final int TYPE = 0;
    private static final int TEXT = 1;
    private static final int THINKING = 2;
    private static final int SIGNATURE = 3;
    private static final int ID = 4;
    private static final int NAME = 5;
    private static final int INPUT = 6;
    private static final int UNKNOWN = 7;
    /** In the order in which the writer of requests has them. */
    private static final JsonReader.Names NAMES =
            JsonReader.Names.of("type", "text", "thinking", "signature", "id", "name", "input");

    /** The kinds that have a place of their own in a message, and what the writer of requests writes of each. */
    enum Kind {
        TEXT("text", 1 << BlockStart.TYPE | 1 << BlockStart.TEXT),
        THINKING("thinking", 1 << BlockStart.TYPE | 1 << BlockStart.THINKING | 1 << BlockStart.SIGNATURE),
        TOOL_USE("input", 1 << BlockStart.TYPE | 1 << BlockStart.ID | 1 << BlockStart.NAME | 1 << BlockStart.INPUT),
        OTHER(null, 0);

        /** The member that grows by deltas. */
        final @Nullable String grows;

        private final int written;

        Kind(@Nullable String grows, int written) {
            this.grows = grows;
            this.written = written;
        }

        private static Kind of(String type) {
            return switch (type) {
                case "text" -> TEXT;
                case "thinking" -> THINKING;
                case "tool_use" -> TOOL_USE;
                default -> OTHER;
            };
        }

        /** Whether JSON text that comes in pieces is a block's input. */
        boolean takesInput() {
            return this == TOOL_USE || this == OTHER;
        }

        /** Whether the writer of requests writes a member of that name. */
        boolean writes(String member) {
            return switch (member) {
                case "type" -> this != OTHER;
                case "text" -> this == TEXT;
                case "thinking", "signature" -> this == THINKING;
                case "id", "name", "input" -> this == TOOL_USE;
                default -> false;
            };
        }
    }

    String type = "";
    Kind kind = Kind.OTHER;
    /** The text or the thinking. */
    String text = "";

    String signature = "";
    String id = "";
    String name = "";
    /** JSON text, or null when there is none. */
    @Nullable String input;
    /** Whether the input is one JSON object in which no name comes twice, or missing. */
    boolean wholeInput = true;
    /** Whether the writer of requests writes all its members, be they spelled otherwise or incomplete. */
    boolean known;
    /** Whether the writer of requests makes the same bytes of what is in it. */
    boolean written;
    /** How many values are kept of it as they came, names and ends of objects included. */
    long values;
    /** The block, byte for byte, or null when the writer makes the same. */
    private @Nullable String json;

    // while it is read
    private String thinking = "";
    private int seen;
    private boolean ordered = true;
    private boolean strings = true;
    private int inputBegin = -1;
    private int inputEnd = -1;

    private BlockStart() {}

    /** A block without anything but its kind, for a delta that belongs to none. */
    static BlockStart bare(Kind kind) {
        BlockStart block = new BlockStart();
        block.type = kind == Kind.THINKING ? "thinking" : "text";
        block.kind = kind;
        block.known = true;
        return block;
    }

    /** Reads a block, or returns null when the value is no object. */
    static @Nullable BlockStart read(JsonReader in) {
        if (!in.isObject()) {
            in.skip();
            return null;
        }
        BlockStart block = new BlockStart();
        int from = in.begin();
        long before = in.tokens();
        in.beginObject();
        for (int name = in.nextName(NAMES); name != JsonReader.END; name = in.nextName(NAMES)) {
            block.member(name == JsonReader.UNKNOWN ? UNKNOWN : name, in);
        }
        block.conclude(in, from, in.end());
        block.values = block.written ? 0 : in.tokens() - before;
        return block;
    }

    private void member(int name, JsonReader in) {
        ordered &= seen < 1 << name;
        seen |= 1 << name;
        switch (name) {
            case TYPE -> type = string(in);
            case TEXT -> text = string(in);
            case THINKING -> thinking = string(in);
            case SIGNATURE -> signature = string(in);
            case ID -> id = string(in);
            case NAME -> this.name = string(in);
            case INPUT -> input(in);
            default -> in.skip();
        }
    }

    private String string(JsonReader in) {
        String value = in.string();
        strings &= value != null;
        return value == null ? "" : value;
    }

    /** An object; some send its text. What is neither is kept too, to be found no call. */
    private void input(JsonReader in) {
        if (in.isObject()) {
            inputBegin = in.begin();
            wholeInput = in.skipUnique();
            inputEnd = in.end();
            String object = in.text(inputBegin, inputEnd);
            input = isEmpty(object) ? "{}" : object;
            ordered &= input.length() == object.length();
            return;
        }
        ordered = false;
        Object value = in.any();
        if (value == null || value instanceof String text && text.isBlank()) {
            return;
        }
        input = value instanceof String text
                ? text
                : new String(new JsonWriter().any(value).toByteArray(), StandardCharsets.UTF_8);
        wholeInput = ToolArguments.areWhole(input);
    }

    /** Whether an object has no members, however the service pads it. */
    private static boolean isEmpty(String object) {
        int at = 1;
        while (Character.isWhitespace(object.charAt(at))) {
            at++;
        }
        return object.charAt(at) == '}';
    }

    private void conclude(JsonReader in, int from, int to) {
        kind = Kind.of(type);
        if (kind == Kind.THINKING) {
            text = thinking;
        }
        known = kind != Kind.OTHER && (seen & ~kind.written) == 0 && strings;
        written = known && seen == kind.written && ordered && (kind != Kind.THINKING || !signature.isEmpty());
        if (written && kind == Kind.TOOL_USE) {
            written = in.isSpelledAsWritten(from, inputBegin) && in.isSpelledAsWritten(inputEnd, to);
        } else if (written) {
            written = in.isSpelledAsWritten(from, to);
        }
        json = written ? null : in.text(from, to);
    }

    /** The block, byte for byte. */
    String json() {
        return json == null ? BlockMembers.of(this).toJson(kind.grows, this::grown) : json;
    }

    private void grown(JsonWriter out) {
        if (kind == Kind.TOOL_USE) {
            out.json(input == null ? "{}" : input);
        } else {
            out.value(text);
        }
    }

    /** Its members as {@link JsonReader#any} reads them, in order. */
    Map<String, @Nullable Object> members() {
        if (json != null) {
            try (JsonReader in = new JsonReader(json.getBytes(StandardCharsets.UTF_8))) {
                in.next();
                Map<String, @Nullable Object> members = in.object();
                return members == null ? new LinkedHashMap<>() : members;
            }
        }
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("type", type);
        if (kind == Kind.TOOL_USE) {
            members.put("id", id);
            members.put("name", name);
        }
        if (written && kind.grows != null) {
            members.put(kind.grows, "");
        }
        if (!signature.isEmpty()) {
            members.put("signature", signature);
        }
        return members;
    }
}
