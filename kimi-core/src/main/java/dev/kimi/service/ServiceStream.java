package dev.kimi.service;

import dev.kimi.transport.Headers;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;

/**
 * A 2xx response of the service whose body arrives as it is read: status and headers are there, the body is taken by
 * demand, whatever its size. Any other status is thrown as an exception, unless
 * {@linkplain ServiceRequest#errorsAsResponses(boolean) the request wants it} as such a stream.
 *
 * <pre>{@code
 * try (ServiceStream results = kimi.exchangeStream(ServiceRequest.get("/v1/files/" + id + "/content"))) {
 *     Files.copy(results.inputStream(), target);
 * }
 * }</pre>
 *
 * <p>The body is good for one use, in one of two ways: read {@link #inputStream()} (blocking, one thread), or subscribe
 * (never blocking). Nothing is read from the socket beyond a small buffer (64 KiB and one chunk of the transport) until
 * somebody asks, so a slow consumer costs no memory. It has no size limit; the time limits are the deadline of the
 * whole call, and {@code kimi.timeout.first-event} and {@code kimi.timeout.idle} for a service that sends nothing while
 * more is asked for.
 *
 * <p>Always close it: closing before the end cancels the call, aborts the exchange with the service and returns at
 * once. Closing and cancelling are thread-safe. A stream that is dropped before its body was read to its end,
 * subscribed to or closed is cancelled once the garbage collector finds it, with a warning. Until the last byte has
 * come, the call holds its place in the account's quota.
 *
 * <p>Once the stream is there nothing is retried. A body that breaks off ends with
 * {@link dev.kimi.error.TruncatedStreamException}, never as if it were whole; like every failure of reading, on
 * {@code onError} or from {@code read}, it is below {@link dev.kimi.error.KimiException} and unchecked.
 *
 * <p>Not meant to be implemented: any release may add methods. {@code FakeKimiClient} of {@code kimi-test} makes them
 * for tests.
 */
public interface ServiceStream extends AutoCloseable, Flow.Publisher<ByteBuffer> {

    /** The status, 200 to 299 unless the request wants others. */
    int status();

    /**
     * The headers. Without {@code content-encoding} and {@code content-length} when the service packed the body, which
     * is unpacked on its way.
     */
    Headers headers();

    /**
     * The body, blocking while none of it is there. Closing it closes this stream. Interrupting the waiting thread
     * cancels the call. Its methods throw the exceptions of {@code dev.kimi.error} instead of an
     * {@link java.io.IOException}; on a thread of an event loop, {@link IllegalStateException} instead of waiting.
     *
     * @throws IllegalStateException if the body was read or subscribed to before
     */
    InputStream inputStream();

    /**
     * Delivers the body with back-pressure, on the client's callback executor, in buffers that are read-only, never
     * empty and the subscriber's to keep. A second subscriber gets {@link IllegalStateException}.
     */
    @Override
    void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber);

    /** Cancels the call unless it has ended. Idempotent, never blocks, thread-safe. */
    @Override
    void close();
}
