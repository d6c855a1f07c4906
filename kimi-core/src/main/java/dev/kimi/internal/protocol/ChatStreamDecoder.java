package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Usage;
import dev.kimi.error.TruncatedStreamException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Reads one streamed response. Used by one thread at a time. */
public interface ChatStreamDecoder {

    /**
     * Reads the next bytes and hands out what they complete.
     *
     * @throws StreamFailure if the service reports an error in the stream, or a limit is passed, or what arrives is no
     *     stream of this protocol; nothing more may be fed then
     */
    void feed(ByteBuffer chunk, Consumer<? super ChatEvent> out);

    /** The bytes are at an end; hands out what the end completes. Throws like {@link #feed}. */
    void end(Consumer<? super ChatEvent> out);

    /** True once the protocol's end mark was read; what comes after its chunk is ignored. */
    boolean complete();

    /**
     * Data events read so far, those without content included, and chunks of JSON; comments do not count. Tells silence
     * from life.
     */
    long eventsRead();

    /**
     * Whether anything of a response has come, be it only its beginning, and no error before it. Comments, pings and
     * parts of a JSON text do not count.
     */
    boolean begun();

    /** What the response has reported so far that the call used; {@link Usage#NONE} before it did. */
    Usage usage();

    /** The whole response; only when {@link #complete()}. */
    ChatResponse response();

    /** What has arrived so far. */
    TruncatedStreamException.Partial partial();
}
