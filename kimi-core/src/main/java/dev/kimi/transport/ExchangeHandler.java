package dev.kimi.transport;

import java.nio.ByteBuffer;

/** Told what happens to an exchange, by one thread at a time, which must not be blocked. */
public interface ExchangeHandler {

    /** Status and headers have arrived. */
    void onHeaders(int status, Headers headers);

    /** A chunk of the body, in order, never empty. The buffer is readable only during this call. */
    void onBody(ByteBuffer chunk);

    /** The answer is complete by the rules of HTTP: all of its content length, the last chunk, or END_STREAM. */
    void onComplete();

    /** The exchange failed and nothing else will be told. */
    void onFailure(TransportFailure failure);
}
