package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Usage;
import dev.kimi.error.TruncatedStreamException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the texts of a stream say in one protocol, once it is known where each begins and ends: events, errors, a whole
 * response, the end mark. Fed by a {@link StreamDecoder}; whatever reads may throw a {@link StreamFailure}, an
 * {@link UnreadableResponse} or a {@code JsonException}.
 */
public interface StreamPayloads {

    /** Who gets events from now on; null for nobody. */
    void handTo(@Nullable Consumer<? super ChatEvent> consumer);

    /** The data of an event. */
    void framed(@Nullable String name, byte[] data, int offset, int length);

    /** A JSON text outside of events. */
    void unframed(byte[] text);

    /** Whether the data of an event that lacks its blank line is whole, and nothing is to come behind it. */
    boolean isLast(byte[] data, int offset, int length);

    /**
     * Nothing more comes.
     *
     * @param framed whether the stream was one of events
     */
    void end(boolean framed);

    /** Whether the end mark has come, or a whole response. */
    boolean ended();

    /** Whether anything of a response has come, be it only its beginning. */
    boolean begun();

    /** What was reported so far that the call used, or null. */
    @Nullable Usage usage();

    /** The whole response, after the end. */
    ChatResponse response();

    /** What has arrived. */
    TruncatedStreamException.Partial partial();

    /** Whether anything of it is content, which a failure then keeps. */
    boolean hasContent();
}
