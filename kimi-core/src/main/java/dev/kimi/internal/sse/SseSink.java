package dev.kimi.internal.sse;

import org.jspecify.annotations.Nullable;

/** Takes what an {@link SseParser} finds, on the thread that feeds it. */
public interface SseSink {

    /**
     * One complete event.
     *
     * @param name the event's type, null for the default type ({@code message})
     * @param data an array that holds the data between {@code offset} and {@code offset + length}; it belongs to the
     *     parser or to the caller of {@code feed} and must be neither changed nor kept after the call
     * @param offset where the data begins
     * @param length bytes of data, possibly 0
     */
    void event(@Nullable String name, byte[] data, int offset, int length);

    /**
     * A line that is neither a comment nor a known field. The standard passes over it, and so does a sink that does not
     * override this; a protocol can find in it what a service sent without framing.
     *
     * @param line holds the line between {@code from} and {@code to}, as {@code data} of {@link #event} does
     * @param inEvent whether the event that it stands in has data already
     */
    default void other(byte[] line, int from, int to, boolean inEvent) {}

    /**
     * The stream ended inside an event: what had arrived of it. A conformant reader discards it, and so does a sink
     * that does not override this; a protocol uses it to tell a cut stream from one that only lacks its last line end.
     * Called at most once, from {@link SseParser#end()}; the parameters are those of {@link #event}.
     */
    default void unfinished(@Nullable String name, byte[] data, int offset, int length) {}
}
