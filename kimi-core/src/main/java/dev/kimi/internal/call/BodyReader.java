package dev.kimi.internal.call;

import dev.kimi.internal.protocol.ErrorContext;
import java.nio.ByteBuffer;

/** Reads the body of one attempt. Fed by the transport's thread; ended by the call. */
interface BodyReader {

    /** How many chunks to ask for at the beginning. */
    long firstDemand();

    /**
     * Reads a piece of the body: a chunk, or one of the many that a packed chunk may hold, or none.
     *
     * @throws dev.kimi.internal.protocol.StreamFailure if it cannot be part of a good answer
     */
    void feed(ByteBuffer piece);

    /** All of a chunk was fed, and the answer is not complete: the moment to ask for the next. */
    void chunkRead();

    /** True when the answer is whole although the body has not ended. */
    boolean complete();

    /**
     * The body has ended by the rules of HTTP.
     *
     * @throws dev.kimi.error.KimiException if the answer is not whole or cannot be read
     */
    void end(ErrorContext context);
}
