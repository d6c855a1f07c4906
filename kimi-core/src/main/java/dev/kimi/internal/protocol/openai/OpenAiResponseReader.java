package dev.kimi.internal.protocol.openai;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Usage;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.protocol.BaseStatus;
import dev.kimi.internal.protocol.ErrorBody;
import dev.kimi.internal.protocol.ErrorBodyReader;
import dev.kimi.internal.protocol.UnreadableResponse;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads OpenAI-style responses: a whole one, or the chunks of a stream one by one. It takes every deviation that was
 * seen in the wild and does not lose data, and it treats what cannot be read as an error rather than as an empty
 * response.
 */
final class OpenAiResponseReader {

    private static final JsonReader.Names ROOT =
            JsonReader.Names.of("id", "model", "choices", "usage", "error", "x_groq", "object", "base_resp");
    private static final JsonReader.Names GROQ = JsonReader.Names.of("usage", "error");
    private static final JsonReader.Names CHOICE =
            JsonReader.Names.of("index", "delta", "message", "finish_reason", "usage", "error", "text");

    private final ResponseAssembly assembly;
    private final boolean whole;
    private final Consumer<? super ChatEvent> out;
    private final OpenAiMessageReader messages;
    private final StreamedMessages streamed;
    private boolean everHadChoices;
    private boolean everHadMessage;
    private boolean everHadDelta;
    private boolean hasChoices;
    private @Nullable Usage reported;

    private @Nullable Usage rootUsage;
    private @Nullable Usage choiceUsage;
    private @Nullable Usage groqUsage;
    private @Nullable ErrorBody error;
    private @Nullable FinishReason finish;

    /**
     * @param whole true for one response with {@code message} members, false for chunks with {@code delta} members, or
     *     with messages that give what no delta did
     * @param out takes the events, in an order that makes sense to show
     */
    OpenAiResponseReader(ResponseAssembly assembly, boolean whole, Consumer<? super ChatEvent> out) {
        this.assembly = assembly;
        this.whole = whole;
        this.out = out;
        this.messages = new OpenAiMessageReader(assembly, whole, out);
        this.streamed = new StreamedMessages(assembly, out);
    }

    /** Whether anything read so far had a choice. */
    boolean hasChoices() {
        return everHadChoices;
    }

    /** Whether what was read is no whole response but part of a stream: deltas, and no message. */
    boolean isChunk() {
        return everHadDelta && !everHadMessage;
    }

    /** Whether the service has said why the response ends. */
    boolean isFinished() {
        return !assembly.finish.equals(FinishReason.UNKNOWN);
    }

    /** Whether messages with an end were read in place of deltas, which are whole without an end mark. */
    boolean isWhole() {
        return streamed.madeIt() && isFinished();
    }

    /** Whether the text read last was part of a response. */
    boolean saidAnything() {
        return hasChoices || rootUsage != null;
    }

    /** Reads one JSON text, an object or a list of them, and returns the error that it reports, or null. */
    @Nullable ErrorBody read(JsonReader in) {
        rootUsage = null;
        choiceUsage = null;
        groqUsage = null;
        error = null;
        finish = null;
        hasChoices = false;
        if (in.isArray()) {
            in.beginArray();
            while (in.nextElement()) {
                object(in);
            }
        } else {
            object(in);
        }
        everHadChoices |= hasChoices;
        // An event of its end would be past which a failed call is not tried again.
        if (error == null) {
            conclude();
        }
        return error;
    }

    private void object(JsonReader in) {
        if (in.beginObject()) {
            for (int name = in.nextName(ROOT); name != JsonReader.END; name = in.nextName(ROOT)) {
                root(name, in);
            }
        }
    }

    /** Reads the token counts of a JSON text and nothing else. */
    void readUsage(JsonReader in) {
        rootUsage = null;
        choiceUsage = null;
        groqUsage = null;
        if (in.beginObject()) {
            for (int name = in.nextName(ROOT); name != JsonReader.END; name = in.nextName(ROOT)) {
                switch (name) {
                    case 3 -> rootUsage = UsageReader.read(in);
                    case 5 -> groq(in);
                    default -> in.skip();
                }
            }
        }
        countTokens();
    }

    /**
     * The response is at its end; hands out what was held back for more to come.
     *
     * @throws UnreadableResponse if nothing was said: a stream without a choice, or without content and a reason to end
     */
    void end() {
        if (!everHadChoices) {
            throw nothing("it holds no choices");
        }
        messages.end();
        streamed.end();
        if (!assembly.hasContent() && !isFinished()) {
            throw nothing("it holds neither content nor a finish reason");
        }
        if (!assembly.hasContent() && assembly.finish.value().equals("error")) {
            throw nothing("it ended with the finish reason \"error\"");
        }
    }

    private UnreadableResponse nothing(String reason) {
        return whole ? new UnreadableResponse(reason) : UnreadableResponse.empty(reason);
    }

    private void conclude() {
        if (finish != null && !finish.equals(assembly.finish)) {
            assembly.finish = finish;
            out.accept(new ChatEvent.Finished(finish));
        }
        countTokens();
    }

    private void countTokens() {
        Usage usage = rootUsage != null ? rootUsage : choiceUsage != null ? choiceUsage : groqUsage;
        // Some send zeros on each chunk; they replace nothing that was counted.
        if (usage != null && !usage.equals(Usage.NONE)) {
            assembly.usage = usage;
        }
        // Before any content this would be the stream's first event, past which a failed call is not tried again.
        boolean begun = assembly.hasContent() || !assembly.finish.equals(FinishReason.UNKNOWN);
        Usage known = assembly.usage;
        if (begun && known != null && !known.equals(reported)) {
            reported = known;
            out.accept(new ChatEvent.Tokens(known));
        }
    }

    private void root(int name, JsonReader in) {
        switch (name) {
            case 0 -> assembly.id = firstOf(assembly.id, in.text());
            case 1 -> assembly.model = firstOf(assembly.model, in.text());
            case 2 -> choices(in);
            case 3 -> rootUsage = UsageReader.read(in);
            case 4 -> error = errorOf(in);
            case 5 -> groq(in);
            case 6 -> in.skip();
            case 7 -> status(in);
            default -> extra(in);
        }
    }

    private void extra(JsonReader in) {
        String name = in.name();
        if (!assembly.takesExtra(name)) {
            in.skip();
            return;
        }
        Object value = in.any();
        if (value != null) {
            assembly.extra(name, value);
        }
    }

    /** MiniMax says in each response whether it is one. */
    private void status(JsonReader in) {
        String name = in.name();
        Map<String, @Nullable Object> status = in.object();
        ErrorBody reported = status == null ? null : BaseStatus.error(status);
        if (reported != null) {
            error = reported;
        } else if (status != null && assembly.takesExtra(name)) {
            assembly.extra(name, status);
        }
    }

    private void groq(JsonReader in) {
        if (in.beginObject()) {
            for (int name = in.nextName(GROQ); name != JsonReader.END; name = in.nextName(GROQ)) {
                switch (name) {
                    case 0 -> groqUsage = UsageReader.read(in);
                    case 1 -> error = errorOf(in);
                    default -> in.skip();
                }
            }
        }
    }

    private void choices(JsonReader in) {
        if (!in.beginArray()) {
            return;
        }
        while (in.nextElement()) {
            if (in.beginObject()) {
                hasChoices = true;
                choice(in);
            }
        }
    }

    /** One choice; of several, those that say another index than 0 before their content are passed over. */
    private void choice(JsonReader in) {
        boolean first = true;
        boolean hadDelta = false;
        boolean hadMessage = false;
        String plain = null;
        for (int name = in.nextName(CHOICE); name != JsonReader.END; name = in.nextName(CHOICE)) {
            if (!first) {
                in.skip();
                continue;
            }
            switch (name) {
                case 0 -> first = in.number(0) == 0;
                case 1 -> hadDelta |= delta(in);
                case 2 -> hadMessage |= message(in);
                case 3 -> finish = finish(in.string());
                case 4 -> choiceUsage = UsageReader.read(in);
                case 5 -> error = errorOf(in);
                case 6 -> plain = in.string();
                default -> choiceExtra(in);
            }
        }
        if (first && plain != null && !hadDelta && !hadMessage) {
            // as the completions API of old has it; where there is another member, it holds the same
            messages.plain(plain);
        }
        streamed.choiceEnds(hadDelta);
    }

    /** Returns whether there was one. */
    private boolean delta(JsonReader in) {
        boolean had = in.isObject();
        everHadDelta |= had;
        if (whole) {
            in.skip();
        } else {
            messages.read(in);
        }
        return had;
    }

    /** Returns whether there was one. */
    private boolean message(JsonReader in) {
        boolean had = in.isObject();
        everHadMessage |= had;
        if (whole) {
            messages.read(in);
        } else {
            streamed.read(in);
        }
        return had;
    }

    private @Nullable ErrorBody errorOf(JsonReader in) {
        ErrorBody reported = ErrorBodyReader.read(in);
        return reported == null ? error : reported;
    }

    /** In a stream these come in pieces, which only their reader could put together. */
    private void choiceExtra(JsonReader in) {
        if (whole) {
            extra(in);
        } else {
            in.skip();
        }
    }

    private @Nullable FinishReason finish(@Nullable String value) {
        return value == null || value.isEmpty() ? finish : FinishReason.of(value);
    }

    private static String firstOf(String known, @Nullable String other) {
        return known.isEmpty() && other != null ? other : known;
    }
}
