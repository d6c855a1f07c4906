package dev.kimi.vendor.internal;

import dev.kimi.error.KimiException;
import dev.kimi.error.RateLimitException;
import dev.kimi.service.ServiceStream;
import dev.kimi.transport.Headers;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A response as an SDK sees it: of any status, with a body to read. Closing is thread-safe, idempotent and quick. */
public final class VendorResponse {

    private static final int TOO_MANY_REQUESTS = 429;

    private final int status;
    private final Headers headers;
    private final InputStream body;
    private final Runnable close;

    private VendorResponse(int status, Headers headers, InputStream body, Runnable close) {
        this.status = status;
        this.headers = headers;
        this.body = body;
        this.close = close;
    }

    /** One whose body is read by demand. */
    static VendorResponse of(ServiceStream stream) {
        StreamedBody body = new StreamedBody(stream);
        return new VendorResponse(stream.status(), stream.headers(), body, body::close);
    }

    /** One whose body is there. */
    static VendorResponse of(int status, Headers headers, byte[] body) {
        return new VendorResponse(status, headers, new ByteArrayInputStream(body), () -> {});
    }

    /**
     * The response that the failure was, with what is known of it; the SDK must not send the request again.
     *
     * @param status what {@link #statusOf} says
     */
    static VendorResponse of(KimiException failure, int status, String body) {
        Headers.Builder headers =
                Headers.builder().add("content-type", "application/json").add("x-should-retry", "false");
        String id = failure.requestId();
        if (id != null) {
            headers.add("request-id", id).add("x-request-id", id);
        }
        Duration wait = failure.retryAfter();
        if (wait != null) {
            headers.add("retry-after", Long.toString(wait.plusNanos(999_999_999).toSeconds()));
        }
        return of(status, headers.build(), body.getBytes(StandardCharsets.UTF_8));
    }

    /** The status that an SDK is to see of a failure, or 0 when none fits. */
    static int statusOf(KimiException failure) {
        if (failure.status() >= 300) {
            return failure.status();
        }
        // not sent, since other calls have been rejected
        return failure instanceof RateLimitException ? TOO_MANY_REQUESTS : 0;
    }

    /** Whether the body is one JSON text, which an SDK reads as a whole. */
    static boolean isJson(Headers headers) {
        String type = headers.first("content-type");
        String media = type == null
                ? ""
                : type.toLowerCase(Locale.ROOT).split(";", 2)[0].strip();
        return media.equals("application/json") || media.startsWith("application/") && media.endsWith("+json");
    }

    public int status() {
        return status;
    }

    public Headers headers() {
        return headers;
    }

    /** The body, always the same stream; it fails with an {@link java.io.IOException}, as those of other clients do. */
    public InputStream body() {
        return body;
    }

    /** Cancels the exchange unless it has ended. */
    public void close() {
        close.run();
    }

    @Override
    public String toString() {
        @Nullable String type = headers.first("content-type");
        return "VendorResponse[" + status + ", " + type + "]";
    }
}
