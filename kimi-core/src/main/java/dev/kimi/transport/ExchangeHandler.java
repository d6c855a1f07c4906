package dev.kimi.transport;

import java.nio.ByteBuffer;

/** Notified of what happens to an exchange, by one thread at a time, which must not be blocked. */
public interface ExchangeHandler {

    /** Status and headers have arrived; at most once, and perhaps before the whole request is sent. */
    void onHeaders(int status, Headers headers);

    /** A chunk of the body, in order, never empty. The buffer is readable only during this call. */
    void onBody(ByteBuffer chunk);

    /**
     * The response is complete by the rules of HTTP: all of its content length, the last chunk, or END_STREAM. What was
     * not sent of the request by then is not sent any more.
     *
     * @param trailers that came after the body; empty for none. They are limited in size as headers are
     */
    void onComplete(Headers trailers);

    /**
     * The exchange failed, and nothing else is signalled.
     *
     * @param failure why; with the headers and trailers that had come
     */
    void onFailure(TransportFailure failure);
}
