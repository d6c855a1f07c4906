package dev.kimi.internal.call;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.util.Gunzip;
import dev.kimi.transport.TransportFailure;
import java.nio.ByteBuffer;
import java.util.List;

/** Reads the body of one attempt. Fed by the transport's thread; ended by the call. */
interface BodyReader {

    /** How many chunks to ask for at the beginning. */
    long firstDemand();

    /** The head was read, and the body may come through this: the moment to hand over what needs no body. */
    default void begun() {}

    /**
     * Reads a piece of the body: a chunk, or one of the many that a packed chunk may hold, or none.
     *
     * @throws dev.kimi.internal.protocol.StreamFailure if it cannot be part of a good response
     */
    void feed(ByteBuffer piece);

    /** All of a chunk was fed, and the response is not complete: the moment to ask for the next. */
    void chunkRead();

    /** Whether there was content that the consumer gets, so that from here on it is silence that counts. */
    default boolean contentBegun() {
        return false;
    }

    /** True when the response is whole although the body has not ended. */
    boolean complete();

    /**
     * Whether the response is {@linkplain #complete() complete}, and what follows in its body is handed over too, as
     * far as it comes soon.
     */
    default boolean trails() {
        return false;
    }

    /**
     * The body has ended by the rules of HTTP.
     *
     * @throws KimiException if the response is not whole, cannot be read, or says that the request failed
     */
    void end(ErrorContext context);

    /** What it means that the exchange broke before the body had ended. */
    KimiException broken(TransportFailure failure, ErrorContext context);

    /** What it means that the body is packed and cannot be unpacked. */
    default KimiException unpackable(Gunzip.BadBody bad, ErrorContext context) {
        return Failures.unpackable(bad, context);
    }

    /** What the response says that the call used, once it has {@linkplain #end ended} well. */
    default Usage usage() {
        return Usage.NONE;
    }

    /** What the response itself says that its request lost, once it has {@linkplain #end ended} well. */
    default List<ChatResponse.Note> notes() {
        return List.of();
    }

    /** What the response says beside that, before it is handed over. */
    default void note(ChatResponse.Note note) {}

    /** Hands over what was read, once it has {@linkplain #end ended} well and the call is over. */
    void handOver();
}
