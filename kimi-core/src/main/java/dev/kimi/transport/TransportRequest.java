package dev.kimi.transport;

import dev.kimi.internal.util.HttpText;
import java.net.URI;
import java.util.Objects;

/** One exchange to be made. Immutable; prints neither header values nor the body. */
public final class TransportRequest {

    private final String method;
    private final URI origin;
    private final String target;
    private final Headers headers;
    private final byte[] body;

    /**
     * @param method such as {@code POST}
     * @param origin scheme, host and port; anything after them is ignored
     * @param target path and query, beginning with a slash
     * @param headers without host, content-length, connection and other framing, which the transport writes
     * @param body not copied, must not change; empty for none
     * @throws IllegalArgumentException if the method is no word, the target holds a blank or a control character, or a
     *     header is one that the transport writes, has no name of a header, or has a value with a control character
     *     other than a tab, or with a character beyond Latin-1
     */
    public TransportRequest(String method, URI origin, String target, Headers headers, byte[] body) {
        this.method = Objects.requireNonNull(method, "method");
        this.origin = Objects.requireNonNull(origin, "origin");
        this.target = Objects.requireNonNull(target, "target");
        this.headers = Objects.requireNonNull(headers, "headers");
        this.body = Objects.requireNonNull(body, "body");
        if (!HttpText.isToken(method) || !HttpText.isTarget(target)) {
            throw new IllegalArgumentException(
                    "the method or the target of a request holds a blank or a control" + " character");
        }
        headers.forEach((name, value) -> {
            HttpText.checkHeader(name, value);
            if (HttpText.isFraming(name)) {
                throw new IllegalArgumentException("the header " + name + " is written by the transport: leave it out");
            }
        });
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

    public Headers headers() {
        return headers;
    }

    /** The body itself, not a copy; empty for none. */
    public byte[] body() {
        return body;
    }

    @Override
    public String toString() {
        return "TransportRequest[" + method + " " + origin.getScheme() + "://" + origin.getAuthority() + ", "
                + body.length + " bytes]";
    }
}
