package dev.kimi.internal.protocol;

import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.internal.json.JsonException;
import dev.kimi.transport.Headers;

/**
 * An answer that no client can read. The reason is a fixed text and never a part of the answer. Without stack trace: it
 * is a signal inside this package, made into a {@link ServerException} at its edge.
 */
final class UnreadableAnswer extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param reason continues "The service's answer cannot be read: …"
     */
    UnreadableAnswer(String reason) {
        super(reason, null, false, false);
    }

    static UnreadableAnswer of(JsonException e) {
        return new UnreadableAnswer(
                e.reason() == JsonException.Reason.LIMIT
                        ? "it is deeper or longer than any answer should be"
                        : "it is no JSON");
    }

    KimiException toException(Headers headers, ErrorContext context) {
        KimiException.Details details = context.details()
                .status(200)
                .requestId(RequestIds.find(headers, null))
                .build();
        return new ServerException(
                "The service's answer cannot be read: " + getMessage() + ". Trying again may help.", details, null);
    }
}
