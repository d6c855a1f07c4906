package dev.kimi.typed;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.error.KimiException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The service responded, and the response is not the value that was asked for. It is paid for and not asked for again.
 * The nested types say why. The message holds nothing of the text, which is in {@link #text()}.
 */
public abstract class TypedResponseException extends KimiException {

    private static final long serialVersionUID = 1L;

    private final transient @Nullable ChatResponse response;

    private TypedResponseException(String message, ChatResponse response) {
        super(message, Details.builder().requestId(response.requestId()).build(), null);
        this.response = Objects.requireNonNull(response, "response");
    }

    /** The whole response, with its usage; an empty one after Java deserialisation. */
    public final ChatResponse response() {
        return response == null ? ChatResponse.builder(Message.assistant("")).build() : response;
    }

    /** What the model wrote, possibly empty or cut. */
    public final String text() {
        return response().text();
    }

    /**
     * The text is no JSON, or does not fit the type. The message names the first place that does not fit. Asking again
     * may help, with a clearer prompt or descriptions of the members.
     */
    public static final class Mismatch extends TypedResponseException {
        private static final long serialVersionUID = 1L;

        Mismatch(Class<?> type, String why, ChatResponse response) {
            super("The response is no " + type.getSimpleName() + ": " + why + ".", response);
        }
    }

    /**
     * The model was stopped before it had finished: {@link FinishReason#LENGTH}. Ask again with a higher output cap or
     * for less.
     */
    public static final class Cut extends TypedResponseException {
        private static final long serialVersionUID = 1L;

        Cut(Class<?> type, ChatResponse response) {
            super(
                    "The response was cut before it was a whole " + type.getSimpleName() + " (finish reason "
                            + response.finishReason() + ", " + response.usage().completionTokens()
                            + " tokens written): raise maxCompletionTokens, or ask for less.",
                    response);
        }
    }

    /**
     * The model or a filter of the service declined to respond to this content: {@link FinishReason#CONTENT_FILTER}.
     * Asking the same again does not help.
     */
    public static final class Declined extends TypedResponseException {
        private static final long serialVersionUID = 1L;

        Declined(Class<?> type, ChatResponse response) {
            super(
                    "The model declined to give a " + type.getSimpleName() + " (finish reason "
                            + response.finishReason() + "): change the content, or ask another model.",
                    response);
        }
    }
}
