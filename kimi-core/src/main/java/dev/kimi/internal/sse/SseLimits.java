package dev.kimi.internal.sse;

/**
 * Bounds of one event stream, all in bytes and all positive.
 *
 * @param line one line without its end, 1 MiB by default
 * @param event the joined data of one event, 8 MiB by default
 * @param stream everything fed to one parser, 64 MiB by default
 * @param idle what may come between two events without adding data to one (comments, unknown fields), 4 MiB by default:
 *     a keep-alive comment each second for a day stays below it, a flood does not
 */
public record SseLimits(int line, int event, long stream, int idle) {

    private static final int MIB = 1 << 20;

    /** The documented defaults. */
    public static final SseLimits DEFAULT = new SseLimits(MIB, 8 * MIB, 64L * MIB, 4 * MIB);

    /** Rejects bounds that are not positive with {@link IllegalArgumentException}. */
    public SseLimits {
        if (line <= 0 || event <= 0 || stream <= 0 || idle <= 0) {
            throw new IllegalArgumentException("SSE limits must be positive: line " + line + ", event " + event
                    + ", stream " + stream + ", idle " + idle);
        }
    }
}
