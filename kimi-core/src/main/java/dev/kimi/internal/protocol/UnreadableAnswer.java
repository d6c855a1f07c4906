package dev.kimi.internal.protocol;

import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.internal.json.JsonException;
import dev.kimi.transport.Headers;

/**
 * A response with a good status that cannot be read. The reason is a fixed text and never a part of the response. Made
 * into a {@link ServerException} at the edge of this package, whose cause it becomes: by that the engine knows that the
 * response has been paid for. Without stack trace.
 */
public final class UnreadableAnswer extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean garbled;

    /**
     * A response that only this library rejects: over a limit, of another shape, with broken tool calls.
     *
     * @param reason continues "The service's answer cannot be read: …"
     */
    public UnreadableAnswer(String reason) {
        this(reason, false);
    }

    private UnreadableAnswer(String reason, boolean garbled) {
        super(reason, null, false, false);
        this.garbled = garbled;
    }

    /** A response that was damaged or cut on its way, so that another one may be whole. */
    static UnreadableAnswer garbled(String reason) {
        return new UnreadableAnswer(reason, true);
    }

    /** Whether it was damaged or cut on its way; otherwise it came as the service meant it. */
    public boolean garbled() {
        return garbled;
    }

    static UnreadableAnswer of(JsonException e) {
        return e.reason() == JsonException.Reason.LIMIT
                ? new UnreadableAnswer("it is deeper or longer than any answer should be")
                : garbled("it is no JSON");
    }

    KimiException toException(Headers headers, ErrorContext context) {
        KimiException.Details details = context.details()
                .status(200)
                .requestId(RequestIds.find(headers, null))
                .build();
        return new ServerException("The service's answer cannot be read: " + getMessage() + advice(), details, this);
    }

    private String advice() {
        return garbled ? ". Trying again may help." : ". It was not retried, since it has been paid for.";
    }
}
