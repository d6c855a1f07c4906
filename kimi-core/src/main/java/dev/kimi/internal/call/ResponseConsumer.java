package dev.kimi.internal.call;

import dev.kimi.error.KimiException;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.ResponseMark;

/** Where the response of a call goes. The engine calls exactly one of the ends, once. */
interface ResponseConsumer {

    /**
     * A 2xx response begins; gives what reads its body and hands it over. Called again for each attempt that gets so
     * far.
     *
     * @param mark what a response of the chat says of its request
     */
    BodyReader open(BodySource body, ResponseHead head, Endpoint endpoint, ResponseMark mark);

    /** A response without a 2xx status was read. The call may go on, and may fail for another reason. */
    default void errorRead(ErrorResponse response) {}

    /** The call failed for good. */
    void failed(KimiException failure);

    /** The caller cancelled. */
    void cancelled(KimiException reason);
}
