package dev.kimi.transport;

import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request: bytes in memory, or a source that hands out its bytes as the connection takes them.
 *
 * <p>A source is a {@link Flow.Publisher} of buffers:
 *
 * <ul>
 *   <li>The transport subscribes at most once for each exchange, when the exchange has its connection and the headers
 *       are written. An exchange that ends before that leaves the body untouched.
 *   <li>Only what is requested may be signalled, and it is requested as the connection takes it, so that a slow service
 *       slows the source down. Signals may come from any thread, one at a time, also within {@code request}; neither
 *       {@code subscribe} nor {@code request} may block.
 *   <li>A buffer belongs to the transport once it is handed out: the source does not change its bytes afterwards. An
 *       empty one is skipped.
 *   <li>{@code onError} ends the exchange with {@link TransportFailure.Kind#REQUEST_BODY}, and so do more or fewer
 *       bytes than {@link #length}. The service never gets such a body as a whole one.
 *   <li>When the exchange ends before the source does, in whatever way (aborted, failed, a whole response that came
 *       early), the subscription is cancelled, exactly once.
 * </ul>
 *
 * <p>For an upload from a reactive application, {@code JdkFlowAdapter} of Reactor makes one:
 *
 * <pre>{@code
 * RequestBody body = subscriber -> JdkFlowAdapter.publisherToFlowPublisher(buffers).subscribe(subscriber);
 * }</pre>
 */
public interface RequestBody extends Flow.Publisher<ByteBuffer> {

    /** The {@link #length} of a body that does not know it. */
    long UNKNOWN_LENGTH = -1;

    /**
     * Bytes that the body has, or {@link #UNKNOWN_LENGTH}, which is the default. Over HTTP/1.1 a known length is sent
     * as Content-Length, and a body of unknown length in chunks.
     */
    default long length() {
        return UNKNOWN_LENGTH;
    }

    /**
     * Whether the body can be subscribed to again, from its first byte on and with the same bytes, after an exchange
     * has ended. False unless said otherwise: a body that cannot is sent again only when no exchange has subscribed to
     * it.
     */
    default boolean isReplayable() {
        return false;
    }

    /**
     * The bytes of a body that is in memory, not a copy and not to be changed; null when it is to be subscribed to. The
     * short way for a transport, which then does not subscribe.
     */
    default byte @Nullable [] bytes() {
        return null;
    }

    /**
     * A body in memory; can be sent again.
     *
     * @param bytes not copied, must not change; empty for none
     */
    static RequestBody of(byte[] bytes) {
        return bytes.length == 0 ? BytesBody.EMPTY : new BytesBody(bytes);
    }

    /** No body. */
    static RequestBody empty() {
        return BytesBody.EMPTY;
    }
}
