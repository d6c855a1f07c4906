package dev.kimi.transport;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
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

    /**
     * The bytes of a file, read as they are sent; can be sent again. Its length is taken now: a file that has another
     * one when it is sent fails the exchange.
     *
     * @throws IOException if the file does not exist or its length cannot be read
     */
    static RequestBody ofFile(Path file) throws IOException {
        return ofPublisher(new SourcePublisher(() -> Files.newInputStream(file), false), Files.size(file), true);
    }

    /**
     * The bytes of a source that gives a new input stream each time, with the same bytes; can be sent again. It is
     * opened, read and closed on a thread of this library that may block.
     *
     * @param source opens the stream; never gives one twice
     * @param length bytes that each stream has, or {@link #UNKNOWN_LENGTH}
     */
    static RequestBody ofInputStreams(Callable<? extends InputStream> source, long length) {
        return ofPublisher(new SourcePublisher(source, false), length, true);
    }

    /**
     * The bytes of an input stream, which is read once and closed; cannot be sent again. It is read on a thread of this
     * library that may block.
     *
     * @param length bytes that the stream has, or {@link #UNKNOWN_LENGTH}
     */
    static RequestBody ofInputStream(InputStream stream, long length) {
        Objects.requireNonNull(stream, "stream");
        return ofPublisher(new SourcePublisher(() -> stream, true), length, false);
    }

    /**
     * The bytes of a publisher, which keeps to what a source has to; see there.
     *
     * @param length bytes that it publishes, or {@link #UNKNOWN_LENGTH}
     * @param replayable whether it publishes the same bytes to each subscriber
     */
    static RequestBody ofPublisher(Flow.Publisher<? extends ByteBuffer> publisher, long length, boolean replayable) {
        Objects.requireNonNull(publisher, "publisher");
        if (length < UNKNOWN_LENGTH) {
            throw new IllegalArgumentException("a body has 0 bytes or more, or UNKNOWN_LENGTH, but not " + length);
        }
        return new RequestBody() {
            @Override
            public long length() {
                return length;
            }

            @Override
            public boolean isReplayable() {
                return replayable;
            }

            @Override
            public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
                publisher.subscribe(subscriber);
            }

            @Override
            public String toString() {
                return "RequestBody[" + (length < 0 ? "streamed" : length + " bytes streamed") + "]";
            }
        };
    }

    /** No body. */
    static RequestBody empty() {
        return BytesBody.EMPTY;
    }
}
