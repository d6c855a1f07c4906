package dev.kimi.tool;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A loop was stopped by one of its own limits; the nested types say by which. */
public abstract class ToolLoopException extends KimiException {

    private static final long serialVersionUID = 1L;

    private final transient @Nullable ChatRequest conversation;
    private final transient @Nullable Usage usage;
    private final int rounds;

    private ToolLoopException(String message, ChatRequest conversation, Usage usage, int rounds) {
        super(message, Details.NONE, null);
        this.conversation = Objects.requireNonNull(conversation, "conversation");
        this.usage = Objects.requireNonNull(usage, "usage");
        this.rounds = rounds;
    }

    /**
     * The last request that was sent, with all results of tools before it, so that a loop may go on with it. Null only
     * after Java deserialisation.
     */
    public final @Nullable ChatRequest conversation() {
        return conversation;
    }

    /** Tokens of the rounds that ended. */
    public final Usage usage() {
        return usage == null ? Usage.NONE : usage;
    }

    /** How many rounds had begun. */
    public final int rounds() {
        return rounds;
    }

    /** The model still called tools in the last round; those were not run. */
    public static final class RoundsExhausted extends ToolLoopException {
        private static final long serialVersionUID = 1L;

        RoundsExhausted(ChatRequest conversation, Usage usage, int rounds) {
            super(
                    "The model still calls tools after " + rounds + " rounds: raise maxRounds, or look at what the"
                            + " tools give it.",
                    conversation,
                    usage,
                    rounds);
        }
    }

    /** The time of the whole loop passed. */
    public static final class TimedOut extends ToolLoopException {
        private static final long serialVersionUID = 1L;

        TimedOut(Duration limit, ChatRequest conversation, Usage usage, int rounds) {
            super(
                    "The tool loop took longer than " + limit.toMillis() + " ms and was stopped in round " + rounds
                            + ": raise its deadline, or shorten the tools' timeouts.",
                    conversation,
                    usage,
                    rounds);
        }
    }
}
