package dev.kimi.internal.protocol.anthropic;

import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ToolCall;
import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.json.JsonWriter;
import dev.kimi.internal.protocol.SurrogatePairs;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A content block while its deltas arrive. What makes up the block but its text is kept in the order in which it came,
 * so that the block can go back as it was: signed thinking is bound to all that stood before it.
 */
final class BlockDraft {

    /** The kinds that have a place of their own in a {@link Message}. */
    enum Kind {
        TEXT,
        THINKING,
        TOOL_USE,
        OTHER;

        static Kind of(String type) {
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

        /** The member that grows by deltas. */
        @Nullable String grows() {
            return switch (this) {
                case TEXT -> "text";
                case THINKING -> "thinking";
                case TOOL_USE -> "input";
                case OTHER -> null;
            };
        }
    }

    private static final JsonReader.Names BLOCK = JsonReader.Names.of("input");

    final int index;
    final String type;
    final Kind kind;
    /** Which tool call of the message it is, from 0; -1 when it is none. */
    int call = -1;
    /** Whether it was handed out whole. */
    boolean handed;

    private final Map<String, @Nullable Object> members;
    private final StringBuilder grown = new StringBuilder(0);
    private final SurrogatePairs pairs = new SurrogatePairs();
    private final @Nullable String wholeInput;
    private @Nullable StringBuilder input;
    /** The block as it came, until a delta changes it. */
    private @Nullable String source;

    private BlockDraft(
            int index,
            String type,
            Map<String, @Nullable Object> members,
            @Nullable String source,
            @Nullable String wholeInput) {
        this.index = index;
        this.type = type;
        this.kind = Kind.of(type);
        this.members = members;
        this.source = source;
        this.wholeInput = wholeInput;
        String grows = kind.grows();
        if (grows != null && members.get(grows) instanceof String text) {
            grown.append(pairs.join(text));
        }
    }

    /**
     * A block as it begins, or a whole one.
     *
     * @param index the service's number of the block
     * @param json the block, byte for byte
     * @param kept counts what is kept of it
     */
    static BlockDraft of(int index, String json, Consumer<@Nullable Object> kept) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        String input = null;
        try (JsonReader in = new JsonReader(json.getBytes(StandardCharsets.UTF_8))) {
            in.next();
            in.beginObject();
            for (int name = in.nextName(BLOCK); name != JsonReader.END; name = in.nextName(BLOCK)) {
                String member = in.name();
                if (name == 0 && in.isObject()) {
                    String object = in.objectText();
                    input = object == null || isEmpty(object) ? "{}" : object;
                    members.put(member, Map.of());
                } else {
                    Object value = in.any();
                    kept.accept(value);
                    members.put(member, value);
                    if (name == 0 && value != null) {
                        input = value instanceof String text ? text : text(new JsonWriter().any(value));
                    }
                }
            }
        }
        String type = members.get("type") instanceof String text ? text : "";
        return new BlockDraft(index, type, members, json, input);
    }

    /** Whether an object has no members, however the service pads it. */
    private static boolean isEmpty(String object) {
        int at = 1;
        while (Character.isWhitespace(object.charAt(at))) {
            at++;
        }
        return object.charAt(at) == '}';
    }

    /** A block without anything but its kind, for a delta that belongs to none. */
    static BlockDraft bare(int index, Kind kind) {
        String type = kind == Kind.THINKING ? "thinking" : "text";
        Map<String, @Nullable Object> members = new LinkedHashMap<>(2);
        members.put("type", type);
        return new BlockDraft(index, type, members, null, null);
    }

    /** The text, or the thinking, so far. */
    CharSequence text() {
        return grown;
    }

    /** Appends to the text or the thinking, and gives what of it can be handed out: no half characters. */
    String append(String piece) {
        source = null;
        String whole = pairs.join(piece);
        grown.append(whole);
        return whole;
    }

    /** Nothing more comes: gives what was kept back, of a half character or of an input that came whole. */
    String end() {
        if (kind == Kind.TOOL_USE && input == null) {
            String whole = handed || wholeInput == null || wholeInput.equals("{}") ? "" : wholeInput;
            handed = true;
            return whole;
        }
        String rest = pairs.end();
        if (!rest.isEmpty()) {
            (input == null ? grown : input).append(rest);
        }
        return rest;
    }

    void appendSignature(String piece) {
        grow("signature", piece);
    }

    /** Appends to the JSON text of the input, and gives what of it can be handed out. */
    String appendInput(String piece) {
        source = null;
        if (input == null) {
            input = new StringBuilder();
        }
        String whole = pairs.join(piece);
        input.append(whole);
        return whole;
    }

    private void grow(String member, String piece) {
        source = null;
        Object had = members.get(member);
        if (had instanceof StringBuilder text) {
            text.append(piece);
        } else {
            members.put(member, new StringBuilder(had instanceof String text ? text : "").append(piece));
        }
    }

    /** Adds an element to a list, such as {@code citations}. */
    @SuppressWarnings("unchecked")
    void addTo(String member, Object element) {
        source = null;
        if (members.get(member) instanceof List<?> list) {
            ((List<Object>) list).add(element);
        } else {
            List<Object> list = new ArrayList<>(2);
            list.add(element);
            members.put(member, list);
        }
    }

    /** What a delta of a kind that is not known says: texts are appended, anything else replaces. */
    void merge(Map<String, @Nullable Object> delta) {
        delta.forEach((name, value) -> {
            if (value instanceof String piece && members.get(name) instanceof CharSequence) {
                grow(name, piece);
            } else {
                source = null;
                members.put(name, value);
            }
        });
    }

    /** The model that goes on after the block, or null when the same does. */
    @Nullable String handsOverTo() {
        return type.equals("fallback")
                        && members.get("to") instanceof Map<?, ?> to
                        && to.get("model") instanceof String model
                ? model
                : null;
    }

    /** The tool's name, empty when it has none. */
    String name() {
        return string("name");
    }

    String id() {
        return string("id");
    }

    private String string(String member) {
        return members.get(member) instanceof CharSequence text ? text.toString() : "";
    }

    /** The arguments of a tool: an empty text of deltas means that there are none. */
    String arguments() {
        if (input != null && input.length() > 0) {
            return input.toString();
        }
        return wholeInput == null ? "{}" : wholeInput;
    }

    /** Whether no argument has come. */
    boolean isWithoutArguments() {
        return (input == null || input.isEmpty()) && (wholeInput == null || wholeInput.equals("{}"));
    }

    /** Whether it names a tool, and its arguments are whole. */
    boolean isWholeCall() {
        return !name().isEmpty() && isWholeInput();
    }

    /** Whether the arguments are one JSON object in which no name comes twice. */
    private boolean isWholeInput() {
        try (JsonReader in = new JsonReader(arguments().getBytes(StandardCharsets.UTF_8))) {
            boolean object = in.next() && in.isObject();
            in.anyUnique();
            return object && !in.next();
        } catch (JsonException e) {
            return false;
        }
    }

    /** The block as a message has it; of a tool call only when its arguments are whole. */
    Message.Block toBlock() {
        return switch (kind) {
            case TEXT -> block(new ContentPart.Text(grown.toString()), hasOnly("text"));
            case THINKING -> {
                String signature = string("signature");
                yield block(
                        new ContentPart.Reasoning(grown.toString(), signature.isEmpty() ? null : signature),
                        hasOnly("thinking", "signature") && !signature.isEmpty());
            }
            case TOOL_USE -> block(new ToolCall(id(), name(), arguments()), hasOnly("id", "name", "input"));
            case OTHER -> toOpaque();
        };
    }

    /** The block as content that means nothing to anybody but the service. */
    Message.Block toOpaque() {
        return Message.Block.of(new ContentPart.Opaque(Provenance.ANTHROPIC, type, toJson()));
    }

    /** @param plain whether the writer of requests makes the same of the content as there was */
    private Message.Block block(ContentPart content, boolean plain) {
        return new Message.Block(content, null, plain ? null : toJson());
    }

    /** Whether the block is its kind and these members, and what the writer of requests makes of it is what came. */
    private boolean hasOnly(String... known) {
        int expected = 1;
        for (String name : known) {
            expected += members.containsKey(name) ? 1 : 0;
        }
        return members.size() <= expected && (source == null || source.equals(written(known)));
    }

    private String written(String... names) {
        JsonWriter out = new JsonWriter().beginObject().field("type", type);
        for (String name : names) {
            member(out, name, members.get(name), name.equals(kind.grows()));
        }
        return text(out.endObject());
    }

    private static String text(JsonWriter out) {
        return new String(out.toByteArray(), StandardCharsets.UTF_8);
    }

    /** The whole block: byte for byte as it came, where no delta changed it. */
    String toJson() {
        if (source != null) {
            return source;
        }
        JsonWriter out = new JsonWriter().beginObject();
        String grows = kind.grows();
        boolean hasGrown = false;
        for (Map.Entry<String, @Nullable Object> member : members.entrySet()) {
            boolean here = member.getKey().equals(grows);
            hasGrown |= here;
            member(out, member.getKey(), member.getValue(), here);
        }
        if (grows != null && !hasGrown) {
            member(out, grows, null, true);
        }
        return text(out.endObject());
    }

    private void member(JsonWriter out, String name, @Nullable Object value, boolean grows) {
        out.name(name);
        if (kind == Kind.TOOL_USE && grows || kind == Kind.OTHER && name.equals("input") && input != null) {
            // a model that was stopped in the middle leaves half an input
            out.json(isWholeInput() ? arguments() : "{}");
        } else if (grows) {
            out.value(grown.toString());
        } else {
            out.any(value);
        }
    }
}
