package dev.kimi.internal.sse;

/** A stream went over one of its {@link SseLimits}; nothing was stored beyond the limit. */
public final class SseLimitException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Which bound was passed. */
    public enum Limit {
        LINE,
        EVENT,
        STREAM,
        IDLE
    }

    private final Limit limit;
    private final long bytes;

    SseLimitException(Limit limit, long bytes) {
        super("Event stream over its " + limit + " limit of " + bytes + " bytes");
        this.limit = limit;
        this.bytes = bytes;
    }

    /** Which bound was passed. */
    public Limit limit() {
        return limit;
    }

    /** The bound, in bytes. */
    public long bytes() {
        return bytes;
    }
}
