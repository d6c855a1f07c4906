package dev.kimi.transport;

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
     */
    public TransportRequest(String method, URI origin, String target, Headers headers, byte[] body) {
        this.method = Objects.requireNonNull(method, "method");
        this.origin = Objects.requireNonNull(origin, "origin");
        this.target = Objects.requireNonNull(target, "target");
        this.headers = Objects.requireNonNull(headers, "headers");
        this.body = Objects.requireNonNull(body, "body");
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
