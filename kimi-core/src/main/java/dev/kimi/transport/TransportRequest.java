package dev.kimi.transport;

import dev.kimi.internal.util.HttpText;
import dev.kimi.time.TimeSource;
import java.net.URI;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One exchange to be made. Immutable; prints neither header values nor the body.
 *
 * <pre>{@code
 * TransportRequest request = TransportRequest.builder("POST", URI.create("https://api.moonshot.ai"), "/v1/files")
 *         .headers(headers)
 *         .body(body)
 *         .build();
 * }</pre>
 */
public final class TransportRequest {

    private final String method;
    private final URI origin;
    private final String target;
    private final Headers headers;
    private final RequestBody body;
    /** What the deadline is read on; null without a deadline. */
    private final @Nullable TimeSource time;

    private final long deadlineNanos;

    private TransportRequest(Builder from) {
        this.method = from.method;
        this.origin = from.origin;
        this.target = from.target;
        this.headers = from.headers;
        this.body = from.body;
        this.time = from.time;
        this.deadlineNanos = from.deadlineNanos;
    }

    /**
     * Begins a request without headers, body and deadline.
     *
     * @param method such as {@code POST}
     * @param origin scheme, host and port; anything after them is ignored
     * @param target path and query, beginning with a slash
     */
    public static Builder builder(String method, URI origin, String target) {
        return new Builder(method, origin, target);
    }

    /** A builder that begins with all that this request says, for a transport that changes some of it. */
    public Builder toBuilder() {
        Builder copy = new Builder(method, origin, target).headers(headers).body(body);
        copy.time = time;
        copy.deadlineNanos = deadlineNanos;
        return copy;
    }

    public String method() {
        return method;
    }

    public URI origin() {
        return origin;
    }

    public String target() {
        return target;
    }

    /** Without host, content-length, connection and other framing, which the transport writes. */
    public Headers headers() {
        return headers;
    }

    /** The body; {@link RequestBody#empty()} for none. */
    public RequestBody body() {
        return body;
    }

    /** Whether there is a time at which the response is of no use any more. */
    public boolean hasDeadline() {
        return time != null;
    }

    /**
     * Nanoseconds that are left at this moment until the deadline, 0 or less once it has passed; {@link Long#MAX_VALUE}
     * without a deadline. Whatever clock the transport has, this one fits the deadline.
     */
    public long remainingNanos() {
        TimeSource clock = time;
        return clock == null ? Long.MAX_VALUE : deadlineNanos - clock.nanoTime();
    }

    @Override
    public String toString() {
        byte[] bytes = body.bytes();
        String size = bytes != null
                ? bytes.length + " bytes"
                : body.length() < 0 ? "streamed" : body.length() + " bytes streamed";
        return "TransportRequest[" + method + " " + origin.getScheme() + "://" + origin.getAuthority() + ", " + size
                + "]";
    }

    /** Collects what a request says. Not thread-safe; may be used again after {@link #build}. */
    public static final class Builder {

        private final String method;
        private final URI origin;
        private final String target;
        private Headers headers = Headers.empty();
        private RequestBody body = RequestBody.empty();
        private @Nullable TimeSource time;
        private long deadlineNanos;

        private Builder(String method, URI origin, String target) {
            this.method = Objects.requireNonNull(method, "method");
            this.origin = Objects.requireNonNull(origin, "origin");
            this.target = Objects.requireNonNull(target, "target");
        }

        /** Headers without host, content-length, connection and other framing; none by default. */
        public Builder headers(Headers requestHeaders) {
            this.headers = Objects.requireNonNull(requestHeaders, "headers");
            return this;
        }

        /** The body; none by default. */
        public Builder body(RequestBody requestBody) {
            this.body = Objects.requireNonNull(requestBody, "body");
            return this;
        }

        /**
         * The time at which the response is of no use any more; none by default. Who sets it aborts the exchange when
         * it passes. The transport may tell the service, as gRPC does, and does not begin to write a request whose
         * deadline has passed.
         *
         * @param clock that the deadline is read on
         * @param nanoTime the moment, as {@link TimeSource#nanoTime} of that clock will say it
         */
        public Builder deadline(TimeSource clock, long nanoTime) {
            this.time = Objects.requireNonNull(clock, "clock");
            this.deadlineNanos = nanoTime;
            return this;
        }

        /**
         * Makes the request.
         *
         * @throws IllegalArgumentException if the method is no word, the target holds a blank or a control character,
         *     or a header is one that the transport writes, has no name of a header, or has a value with a control
         *     character other than a tab, or with a character beyond Latin-1
         */
        public TransportRequest build() {
            if (!HttpText.isToken(method) || !HttpText.isTarget(target)) {
                throw new IllegalArgumentException(
                        "the method or the target of a request holds a blank or a control character");
            }
            headers.forEach(Builder::check);
            return new TransportRequest(this);
        }

        private static void check(String name, String value) {
            HttpText.checkHeader(name, value);
            if (HttpText.isFraming(name)) {
                throw new IllegalArgumentException("the header " + name + " is written by the transport: leave it out");
            }
        }
    }
}
