package dev.kimi.internal.call;

import dev.kimi.error.KimiException;
import dev.kimi.internal.endpoint.ResponseMark;
import java.nio.ByteBuffer;

/**
 * A response without a 2xx status. Prints no content.
 *
 * @param failure what it means
 * @param head its status and headers, as they are once the body is unpacked
 * @param mark what it says of its request
 * @param body the readable bytes are its body, possibly cut
 */
record ErrorResponse(KimiException failure, ResponseHead head, ResponseMark mark, ByteBuffer body) {

    @Override
    public String toString() {
        return "ErrorResponse[" + head.status() + ", " + body.remaining() + " bytes]";
    }
}
