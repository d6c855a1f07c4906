package dev.kimi.internal.protocol.anthropic;

import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ToolCall;
import dev.kimi.internal.json.JsonWriter;
import dev.kimi.internal.protocol.SurrogatePairs;
import dev.kimi.internal.protocol.ToolArguments;
import dev.kimi.internal.protocol.ValueLimit;
import dev.kimi.internal.protocol.anthropic.BlockStart.Kind;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A content block while its deltas arrive. It can go back as it was: signed thinking is bound to all that stood before
 * it. What makes up the block but its text is therefore kept, in the order in which it came, as soon as a delta changes
 * it; until then its beginning says it.
 */
final class BlockDraft {

    final int index;
    final String type;
    final Kind kind;
    /** Which tool call of the message it is, from 0; -1 when it is none. */
    int call = -1;
    /** Whether it was handed out whole. */
    boolean handed;

    private final BlockStart start;
    private final SurrogatePairs pairs = new SurrogatePairs();
    private final String begun;
    private @Nullable StringBuilder grown;
    private @Nullable StringBuilder input;
    private @Nullable Boolean wholeInput;
    private @Nullable BlockMembers members;
    /** Whether a delta came for it. */
    private boolean changed;

    /**
     * A block as it begins, or a whole one.
     *
     * @param index the service's number of the block
     * @param kept counts what is kept of it
     */
    BlockDraft(int index, BlockStart start, ValueLimit kept) {
        this.index = index;
        this.type = start.type;
        this.kind = start.kind;
        this.start = start;
        // what the writer spells alike holds no half characters
        this.begun = start.written ? start.text : pairs.join(start.text);
        kept.addAll(start.values);
    }

    /** The text, or the thinking, so far. */
    CharSequence text() {
        return grown == null ? begun : grown;
    }

    /** Appends to the text or the thinking, and gives what of it can be handed out: no half characters. */
    String append(String piece) {
        changed = true;
        String whole = pairs.join(piece);
        grow(whole);
        return whole;
    }

    private void grow(String piece) {
        if (grown == null) {
            grown = new StringBuilder(begun);
        }
        grown.append(piece);
    }

    /** Nothing more comes: gives what was kept back, of a half character or of an input that came whole. */
    String end() {
        if (kind == Kind.TOOL_USE && input == null) {
            String whole = handed || start.input == null || start.input.equals("{}") ? "" : start.input;
            handed = true;
            return whole;
        }
        String rest = pairs.end();
        if (rest.isEmpty()) {
            return rest;
        }
        if (input == null) {
            grow(rest);
        } else {
            wholeInput = null;
            input.append(rest);
        }
        return rest;
    }

    /** Appends to the JSON text of the input, and gives what of it can be handed out. */
    String appendInput(String piece) {
        changed = true;
        wholeInput = null;
        if (input == null) {
            input = new StringBuilder();
        }
        String whole = pairs.join(piece);
        input.append(whole);
        return whole;
    }

    void appendSignature(String piece) {
        change().grow("signature", piece);
    }

    /** Adds an element to a list, such as {@code citations}. */
    void addTo(String member, Object element) {
        change().addTo(member, element);
    }

    /** What a delta of a kind that is not known says. */
    void merge(Map<String, @Nullable Object> delta) {
        if (!delta.isEmpty()) {
            change().merge(delta);
        }
    }

    private BlockMembers change() {
        changed = true;
        if (members == null) {
            members = BlockMembers.of(start);
        }
        return members;
    }

    /** The model that goes on after the block, or null when the same does. */
    @Nullable String handsOverTo() {
        return type.equals("fallback")
                        && start.members().get("to") instanceof Map<?, ?> to
                        && to.get("model") instanceof String model
                ? model
                : null;
    }

    /** The tool's name, empty when it has none. */
    String name() {
        return members == null ? start.name : members.string("name");
    }

    String id() {
        return members == null ? start.id : members.string("id");
    }

    private String signature() {
        return members == null ? start.signature : members.string("signature");
    }

    /** The arguments of a tool: an empty text of deltas means that there are none. */
    String arguments() {
        if (input != null && !isBlank(input)) {
            return input.toString();
        }
        return start.input == null ? "{}" : start.input;
    }

    private static boolean isBlank(CharSequence text) {
        return text.chars().allMatch(Character::isWhitespace);
    }

    /** Whether no argument has come. */
    boolean isWithoutArguments() {
        return (input == null || isBlank(input)) && (start.input == null || start.input.equals("{}"));
    }

    /** Whether it names a tool, and its arguments are whole. */
    boolean isWholeCall() {
        return !name().isEmpty() && isWholeInput();
    }

    private boolean isWholeInput() {
        if (input == null || isBlank(input)) {
            return start.wholeInput;
        }
        if (wholeInput == null) {
            wholeInput = ToolArguments.areWhole(input.toString());
        }
        return wholeInput;
    }

    /** The block as a message has it; of a tool call only when its arguments are whole. */
    Message.Block toBlock() {
        return switch (kind) {
            case TEXT -> block(new ContentPart.Text(text().toString()), isWritten());
            case THINKING -> {
                String signature = signature();
                yield block(
                        new ContentPart.Reasoning(text().toString(), signature.isEmpty() ? null : signature),
                        isWritten() && !signature.isEmpty());
            }
            case TOOL_USE -> block(new ToolCall(id(), name(), arguments()), isWritten());
            case OTHER -> toOpaque();
        };
    }

    /** The block as content that means nothing to anybody but the service. */
    Message.Block toOpaque() {
        return Message.Block.of(new ContentPart.Opaque(Provenance.ANTHROPIC, type, toJson()));
    }

    /** @param written whether the writer of requests makes the same of the content as there was */
    private Message.Block block(ContentPart content, boolean written) {
        return new Message.Block(content, null, written ? null : toJson());
    }

    private boolean isWritten() {
        if (members != null) {
            return members.areKnown(kind);
        }
        return changed ? start.known : start.written;
    }

    /** The whole block: byte for byte as it came, where no delta changed it. */
    String toJson() {
        if (!changed) {
            return start.json();
        }
        BlockMembers all = members == null ? BlockMembers.of(start) : members;
        return all.toJson(kind == Kind.OTHER && input != null ? "input" : kind.grows, this::grown);
    }

    private void grown(JsonWriter out) {
        if (kind == Kind.TEXT || kind == Kind.THINKING) {
            out.value(text().toString());
        } else {
            // a model that was stopped in the middle leaves half an input
            out.json(isWholeInput() ? arguments() : "{}");
        }
    }
}
