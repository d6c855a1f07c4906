package dev.kimi.internal.protocol;

import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.json.JsonException;
import dev.kimi.transport.Headers;
import java.util.function.Supplier;

/**
 * A response with a good status that cannot be read. The reason is a fixed text and never a part of the response. Made
 * into a {@link ServerException} at the edge of this package, whose cause it becomes: by that the engine knows that the
 * response has been paid for. Without stack trace.
 */
public final class UnreadableResponse extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final int OK = 200;

    /** What is known of why it came like that. */
    private enum Kind {
        AS_MEANT,
        GARBLED,
        EMPTY
    }

    private final Kind kind;

    /**
     * A response that only this library rejects: over a limit, of another shape, with broken tool calls.
     *
     * @param reason continues "The service's response cannot be read: …"
     */
    public UnreadableResponse(String reason) {
        this(reason, Kind.AS_MEANT);
    }

    private UnreadableResponse(String reason, Kind kind) {
        super(reason, null, false, false);
        this.kind = kind;
    }

    /** A response that was damaged or cut on its way, so that another one may be whole. */
    public static UnreadableResponse garbled(String reason) {
        return new UnreadableResponse(reason, Kind.GARBLED);
    }

    /** A stream that ends well and says nothing, which cannot have been paid for. */
    public static UnreadableResponse empty(String reason) {
        return new UnreadableResponse(reason, Kind.EMPTY);
    }

    /** Whether it was damaged or cut on its way; otherwise it came as the service meant it. */
    public boolean garbled() {
        return kind == Kind.GARBLED;
    }

    public static UnreadableResponse of(JsonException e) {
        return e.reason() == JsonException.Reason.LIMIT
                ? new UnreadableResponse("it is deeper or longer than any response should be")
                : garbled("it is no JSON");
    }

    /**
     * Reads a response that nothing is kept of if it cannot be read.
     *
     * @throws KimiException instead of this exception, and of a {@link JsonException}
     */
    static <T> T atEdge(ErrorContext context, Supplier<T> read) {
        try {
            return read.get();
        } catch (UnreadableResponse e) {
            throw e.toException(context.headers(), context);
        } catch (JsonException e) {
            throw of(e).toException(context.headers(), context);
        }
    }

    public KimiException toException(Headers headers, ErrorContext context) {
        // What another good status says is the likeliest reason.
        String status = status(context) == OK ? "" : " (HTTP " + status(context) + ")";
        return new ServerException(
                "The service's response cannot be read: " + getMessage() + status + advice(),
                details(headers, context),
                kind == Kind.EMPTY ? null : this);
    }

    private String advice() {
        return kind == Kind.AS_MEANT ? ". It was not retried, since it has been paid for." : ". Trying again may help.";
    }

    /** For a stream of which some had arrived. */
    public KimiException toTruncated(Headers headers, ErrorContext context, TruncatedStreamException.Partial partial) {
        return new TruncatedStreamException(
                "The rest of the stream cannot be read: " + getMessage()
                        + ". What had arrived is in partial(); ask again for the rest.",
                details(headers, context),
                partial,
                this);
    }

    private static KimiException.Details details(Headers headers, ErrorContext context) {
        return context.details()
                .status(status(context))
                .requestId(RequestIds.find(headers, null))
                .build();
    }

    /** The status of a response that began well. */
    static int status(ErrorContext context) {
        return context.status() == 0 ? OK : context.status();
    }
}
