package dev.kimi.internal.call;

import dev.kimi.transport.Headers;

/**
 * The head of a response.
 *
 * @param status HTTP status, 0 when none has come
 * @param headers as they are once the body is unpacked; empty when none have come
 */
record ResponseHead(int status, Headers headers) {

    static final ResponseHead NONE = new ResponseHead(0, Headers.empty());

    /** Whether the service says that it did what was asked. */
    boolean isGood() {
        return status >= 200 && status < 300;
    }
}
