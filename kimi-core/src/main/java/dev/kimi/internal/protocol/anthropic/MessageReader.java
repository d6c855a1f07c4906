package dev.kimi.internal.protocol.anthropic;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Usage;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.protocol.ErrorBodyReader;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads message objects, whole ones or those that begin a stream, into a {@link MessageAssembly}. */
final class MessageReader {

    private static final JsonReader.Names MESSAGE =
            JsonReader.Names.of("id", "model", "content", "stop_reason", "usage", "type", "role", "error");

    private final MessageAssembly message;
    private final Consumer<? super ChatEvent> out;
    private String type = "";
    private boolean begun;
    private @Nullable Usage reported;

    MessageReader(MessageAssembly message, Consumer<? super ChatEvent> out) {
        this.message = message;
        this.out = out;
    }

    /** The type of the object that was read last; empty if it said none. */
    String type() {
        return type;
    }

    /** Whether anything of a message has come, be it only its beginning or its end. */
    boolean begun() {
        return begun || message.hasContent() || isFinished();
    }

    /** Whether the message says anything: it has content, or a reason to have none. */
    boolean saysAnything() {
        return message.hasContent() || isFinished();
    }

    /** Whether the message has said why it stopped. */
    boolean isFinished() {
        return !message.finish.equals(FinishReason.UNKNOWN);
    }

    /** Hands out what was kept back of blocks whose end did not come, and counts that came at the beginning only. */
    void end() {
        message.endAll(out);
        countTokens();
    }

    void stopped(String reason) {
        message.stopped(reason);
        out.accept(new ChatEvent.Finished(message.finish));
    }

    void countTokens() {
        Usage known = message.counts.usage();
        if (known != null && !known.equals(reported)) {
            reported = known;
            out.accept(new ChatEvent.Tokens(known));
        }
    }

    /**
     * Reads a message object.
     *
     * @return READ, ERROR, or NOTHING when it is neither, having no content
     */
    EventReader.Outcome read(JsonReader in) {
        boolean isMessage = false;
        boolean error = false;
        String reason = null;
        type = "";
        if (!in.beginObject()) {
            return EventReader.Outcome.NOTHING;
        }
        for (int name = in.nextName(MESSAGE); name != JsonReader.END; name = in.nextName(MESSAGE)) {
            switch (name) {
                case 0 -> message.id = firstOf(message.id, in.text());
                case 1 -> message.model = firstOf(message.model, in.text());
                case 2 -> isMessage |= content(in);
                case 3 -> reason = in.string();
                case 4 -> message.counts.take(in);
                case 5 -> type = orEmpty(in.string());
                case 6 -> in.skip();
                case 7 -> error |= ErrorBodyReader.read(in) != null;
                default -> {
                    String member = in.name();
                    message.extra(member, in.any());
                }
            }
        }
        error |= type.equals("error");
        begun |= isMessage || type.equals("message");
        if (reason != null) {
            stopped(reason);
        }
        return error ? EventReader.Outcome.ERROR : isMessage ? EventReader.Outcome.READ : EventReader.Outcome.NOTHING;
    }

    private boolean content(JsonReader in) {
        if (!in.beginArray()) {
            return false;
        }
        for (int i = 0; in.nextElement(); i++) {
            BlockStart block = BlockStart.read(in);
            if (block != null) {
                message.end(message.begin(i, block, out), out);
            }
        }
        return true;
    }

    private static String firstOf(String had, @Nullable String now) {
        return had.isEmpty() && now != null ? now : had;
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
