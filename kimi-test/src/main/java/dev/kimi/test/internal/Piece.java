package dev.kimi.test.internal;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A step in the playing of a response body.
 *
 * @param kind what the step is
 * @param bytes what to send; empty for the kinds that send nothing
 * @param delayNanos how long to wait before this step
 * @param promised for {@link Kind#TORN} the length the bytes would have had, else their length
 * @param until for {@link Kind#HOLD} what is waited for, else null
 */
public record Piece(
        Kind kind,
        byte[] bytes,
        long delayNanos,
        int promised,
        @Nullable CompletionStage<?> until) {

    public Piece(Kind kind, byte[] bytes, long delayNanos, int promised) {
        this(kind, bytes, delayNanos, promised, null);
    }

    /** What a step is. */
    public enum Kind {
        /** One server-sent event. */
        EVENT,
        /** The event that marks the end of a stream. */
        DONE,
        /** Bytes that are no event. */
        BYTES,
        /** Nothing more comes until the test says so. */
        HOLD,
        /** The beginning of a longer piece, after which the connection breaks. */
        TORN,
        /** The body is complete. */
        END,
        /** Nothing more comes, and the connection stays open. */
        STALL,
        /** The connection breaks. */
        CUT
    }

    private static final byte[] NOTHING = {};
    private static final byte[] DONE_BYTES = "data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8);

    public static final Piece END = new Piece(Kind.END, NOTHING, 0, 0);
    public static final Piece STALL = new Piece(Kind.STALL, NOTHING, 0, 0);
    public static final Piece CUT = new Piece(Kind.CUT, NOTHING, 0, 0);
    public static final Piece DONE = new Piece(Kind.DONE, DONE_BYTES, 0, DONE_BYTES.length);

    public static Piece event(byte[] bytes, long delayNanos) {
        return new Piece(Kind.EVENT, bytes, delayNanos, bytes.length);
    }

    public static Piece bytes(byte[] bytes, long delayNanos) {
        return new Piece(Kind.BYTES, bytes, delayNanos, bytes.length);
    }

    public static Piece torn(byte[] beginning, long delayNanos, int promised) {
        return new Piece(Kind.TORN, beginning, delayNanos, promised);
    }

    public static Piece hold(CompletionStage<?> until) {
        return new Piece(Kind.HOLD, NOTHING, 0, 0, until);
    }

    /** Whether nothing follows. */
    public boolean last() {
        return kind.compareTo(Kind.TORN) >= 0;
    }
}
