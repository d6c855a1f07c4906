package dev.kimi.internal.call;

import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import dev.kimi.transport.Headers;

/** Where the answer of a call goes. The engine calls exactly one of the three ends, once. */
interface Answer {

    /** A 2xx answer begins; gives what reads its body. Called again for each attempt that gets so far. */
    BodyReader open(Attempt attempt, int status, Headers headers);

    /** The reader's body was whole. */
    void succeeded(BodyReader reader);

    /** The call failed for good. */
    void failed(KimiException failure);

    /** The caller gave up. */
    void cancelled(KimiException reason);

    /** What the call used, {@link Usage#NONE} when unknown. */
    default Usage usage(BodyReader reader) {
        return Usage.NONE;
    }
}
