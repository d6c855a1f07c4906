package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Usage;
import dev.kimi.internal.json.JsonReader;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads OpenAI-style answers: a whole one, or the chunks of a stream one by one. It takes every deviation that was seen
 * in the wild and does not lose data, and it treats what cannot be read as an error rather than as an empty answer.
 */
final class OpenAiAnswerReader {

    private static final JsonReader.Names ROOT = JsonReader.Names.of(
            "id", "model", "choices", "usage", "error", "x_groq", "object", "message", "detail", "code", "type");
    private static final JsonReader.Names GROQ = JsonReader.Names.of("usage", "error");
    private static final JsonReader.Names CHOICE =
            JsonReader.Names.of("index", "delta", "message", "finish_reason", "usage");

    private final Answer answer;
    private final boolean whole;
    private final Consumer<? super ChatEvent> out;
    private final OpenAiMessageReader messages;
    private boolean everHadChoices;
    private boolean hasChoices;
    private @Nullable Usage told;

    private @Nullable Usage rootUsage;
    private @Nullable Usage choiceUsage;
    private @Nullable Usage groqUsage;
    private @Nullable ErrorBody error;
    private @Nullable ErrorBody bare;
    private @Nullable FinishReason finish;

    /**
     * @param whole true for {@code message} members, false for {@code delta} members
     * @param out takes the events, in an order that makes sense to show
     */
    OpenAiAnswerReader(Answer answer, boolean whole, Consumer<? super ChatEvent> out) {
        this.answer = answer;
        this.whole = whole;
        this.out = out;
        this.messages = new OpenAiMessageReader(answer, whole, out);
    }

    /** Whether anything read so far had a choice. */
    boolean hasChoices() {
        return everHadChoices;
    }

    /** Reads one JSON text and returns the error that it reports, or null. */
    @Nullable ErrorBody read(JsonReader in) {
        rootUsage = null;
        choiceUsage = null;
        groqUsage = null;
        error = null;
        bare = null;
        finish = null;
        hasChoices = false;
        if (in.beginObject()) {
            for (int name = in.nextName(ROOT); name != JsonReader.END; name = in.nextName(ROOT)) {
                root(name, in);
            }
        }
        conclude();
        everHadChoices |= hasChoices;
        // {"message":…} and {"detail":…} are errors only where nothing of an answer is beside them.
        boolean nothingElse = error == null && !hasChoices && rootUsage == null;
        return nothingElse && bare != null && bare.message != null ? bare : error;
    }

    private void conclude() {
        if (finish != null && !finish.equals(answer.finish)) {
            answer.finish = finish;
            out.accept(new ChatEvent.Finished(finish));
        }
        Usage usage = rootUsage != null ? rootUsage : choiceUsage != null ? choiceUsage : groqUsage;
        // Some send zeros on each chunk; they replace nothing that was counted.
        if (usage != null && !usage.equals(Usage.NONE)) {
            answer.usage = usage;
        }
        // Before any content this would be the stream's first event, past which a failed call is not tried again.
        boolean begun = answer.hasContent() || !answer.finish.equals(FinishReason.UNKNOWN);
        Usage known = answer.usage;
        if (begun && known != null && !known.equals(told)) {
            told = known;
            out.accept(new ChatEvent.Tokens(known));
        }
    }

    private void root(int name, JsonReader in) {
        switch (name) {
            case 0 -> answer.id = firstOf(answer.id, in.text());
            case 1 -> answer.model = firstOf(answer.model, in.text());
            case 2 -> choices(in);
            case 3 -> rootUsage = UsageReader.read(in);
            case 4 -> error = ErrorBody.read(in);
            case 5 -> groq(in);
            case 6 -> in.skip();
            case 7, 8 -> bareError().message = in.text();
            case 9 -> bareError().code = in.text();
            case 10 -> bareError().type = in.text();
            default -> extra(in);
        }
    }

    private ErrorBody bareError() {
        ErrorBody body = bare == null ? new ErrorBody() : bare;
        bare = body;
        return body;
    }

    private void extra(JsonReader in) {
        String name = in.name();
        if (!answer.takesExtra(name)) {
            in.skip();
            return;
        }
        Object value = in.any();
        if (value != null) {
            answer.extra(name, value);
        }
    }

    private void groq(JsonReader in) {
        if (in.beginObject()) {
            for (int name = in.nextName(GROQ); name != JsonReader.END; name = in.nextName(GROQ)) {
                switch (name) {
                    case 0 -> groqUsage = UsageReader.read(in);
                    case 1 -> error = ErrorBody.read(in);
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
        for (int name = in.nextName(CHOICE); name != JsonReader.END; name = in.nextName(CHOICE)) {
            if (!first) {
                in.skip();
                continue;
            }
            switch (name) {
                case 0 -> first = in.number(0) == 0;
                case 1 -> message(in, !whole);
                case 2 -> message(in, whole);
                case 3 -> finish = finish(in.string());
                case 4 -> choiceUsage = UsageReader.read(in);
                default -> choiceExtra(in);
            }
        }
    }

    /** Some send the whole message so far beside each delta: only one of the two may be read. */
    private void message(JsonReader in, boolean wanted) {
        if (wanted) {
            messages.read(in);
        } else {
            in.skip();
        }
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
