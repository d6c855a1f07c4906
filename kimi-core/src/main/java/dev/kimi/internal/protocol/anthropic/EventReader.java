package dev.kimi.internal.protocol.anthropic;

import dev.kimi.chat.ChatEvent;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.protocol.ErrorBodyReader;
import dev.kimi.internal.protocol.UnreadableResponse;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the data of one event after the other into a {@link MessageAssembly}. Unknown types of events are passed over,
 * as the protocol demands.
 */
final class EventReader {

    private static final JsonReader.Names EVENT =
            JsonReader.Names.of("type", "index", "delta", "content_block", "message", "usage", "error");
    /** What makes up a tool call. */
    private static final Set<String> CALL = Set.of("id", "name", "input");

    /** What an event's data was. */
    enum Outcome {
        READ,
        /** Neither its data nor its name says what it is. */
        NOTHING,
        /** A whole message, not yet read. */
        MESSAGE,
        /** {@code message_stop}. */
        END,
        /** An error; see the body. */
        ERROR
    }

    private final MessageAssembly message;
    private final Consumer<? super ChatEvent> out;
    /** Reads what is no event. */
    final MessageReader whole;

    // of the event being read
    private String type = "";
    private int index;
    private @Nullable String opening;
    private @Nullable BlockStart started;
    private final Map<String, @Nullable Object> members = new LinkedHashMap<>(0);
    private final Delta delta = new Delta();

    EventReader(MessageAssembly message, Consumer<? super ChatEvent> out) {
        this.message = message;
        this.out = out;
        this.whole = new MessageReader(message, out);
    }

    /** Whether events of that type are part of a message, or known to be none. */
    static boolean isKnown(String type) {
        return type.startsWith("message_") || type.startsWith("content_block_") || type.equals("ping");
    }

    /** The type of the event that the text is, empty if it says none. */
    static String typeOf(JsonReader in) {
        String type = "";
        if (in.beginObject()) {
            for (int name = in.nextName(EVENT); name != JsonReader.END; name = in.nextName(EVENT)) {
                if (name == 0) {
                    type = orEmpty(in.string());
                } else {
                    in.skip();
                }
            }
        }
        return type;
    }

    /**
     * Reads the data of one event.
     *
     * @param eventName what it is where its data does not say, or null
     */
    Outcome read(JsonReader in, @Nullable String eventName) {
        type = "";
        index = -1;
        opening = null;
        started = null;
        delta.clear();
        if (!members.isEmpty()) {
            members.clear();
        }
        boolean error = false;
        if (!in.beginObject()) {
            return "error".equals(eventName) ? Outcome.ERROR : Outcome.NOTHING;
        }
        for (int name = in.nextName(EVENT); name != JsonReader.END; name = in.nextName(EVENT)) {
            switch (name) {
                case 0 -> type = orEmpty(in.string());
                case 1 -> index = (int) Math.max(-1, Math.min(Integer.MAX_VALUE, in.number(-1)));
                case 2 -> delta.read(in);
                case 3 -> started = mayBe("content_block_start") ? BlockStart.read(in) : null;
                case 4 -> opening = in.objectText();
                case 5 -> message.counts.take(in);
                case 6 -> error |= ErrorBodyReader.read(in) != null;
                default -> other(in);
            }
        }
        if (type.isEmpty() || "error".equals(eventName) && !isKnown(type)) {
            type = orEmpty(eventName);
        }
        if (error || type.equals("error")) {
            return Outcome.ERROR;
        }
        return type.isEmpty() ? Outcome.NOTHING : type.equals("message") ? Outcome.MESSAGE : apply();
    }

    /** Members of an event that are the message's: such as the edits that were made to its context. */
    private void other(JsonReader in) {
        if (mayBe("message_delta")) {
            String name = in.name();
            members.put(name, in.any());
        } else {
            in.skip();
        }
    }

    /** Whether the event is of that type, or has not yet said of which. */
    private boolean mayBe(String type) {
        return this.type.isEmpty() || this.type.equals(type);
    }

    private Outcome apply() {
        switch (type) {
            case "message_start" -> {
                if (opening != null) {
                    beginMessage(opening);
                }
            }
            case "content_block_start" -> {
                if (started != null) {
                    message.begin(index, started, out);
                }
            }
            case "content_block_delta" -> blockDelta();
            case "content_block_stop" -> {
                BlockDraft block = message.find(index);
                if (block != null) {
                    message.end(block, out);
                }
            }
            case "message_delta" -> {
                if (delta.stopReason != null) {
                    whole.stopped(delta.stopReason);
                }
                delta.others.forEach(message::extra);
                members.forEach(message::extra);
                // what says nothing is sent again, as long as nothing was handed out
                if (whole.saysAnything()) {
                    whole.countTokens();
                }
            }
            case "message_stop" -> {
                return Outcome.END;
            }
            default -> {
                // ping, and what is not known
            }
        }
        return Outcome.READ;
    }

    private void blockDelta() {
        BlockDraft block = message.find(index);
        if (block == null) {
            block = orphan();
        }
        if (delta.text != null && block.kind == BlockStart.Kind.TEXT) {
            message.text(block.append(delta.text), out);
        } else if (delta.thinking != null && block.kind == BlockStart.Kind.THINKING) {
            message.reasoning(block.append(delta.thinking), out);
        } else if (delta.partialJson != null && block.kind.takesInput()) {
            message.input(block, delta.partialJson, out);
        } else if (delta.signature != null) {
            block.appendSignature(delta.signature);
        } else if (delta.citation != null) {
            message.keep(delta.citation);
            block.addTo("citations", delta.citation);
        } else {
            Map<String, @Nullable Object> all = delta.all();
            if (block.kind == BlockStart.Kind.TOOL_USE) {
                // said at its beginning, and handed out
                all.keySet().removeAll(CALL);
            }
            all.values().forEach(message::keep);
            block.merge(all);
        }
    }

    /** A delta whose block has not begun: its kind says the block's, but for a tool, which would have no name. */
    private BlockDraft orphan() {
        if (delta.text == null && delta.thinking == null) {
            throw new UnreadableResponse("a piece of its content belongs to no block");
        }
        BlockStart.Kind kind = delta.text != null ? BlockStart.Kind.TEXT : BlockStart.Kind.THINKING;
        return message.begin(index, BlockStart.bare(kind), out);
    }

    private void beginMessage(String json) {
        if (message.hasContent()) {
            throw new UnreadableResponse("a second message begins within the first");
        }
        try (JsonReader in = new JsonReader(json.getBytes(StandardCharsets.UTF_8))) {
            in.next();
            whole.read(in);
        }
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
