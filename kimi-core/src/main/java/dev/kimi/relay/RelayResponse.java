package dev.kimi.relay;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import dev.kimi.transport.Headers;
import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The response to a relayed request, from when the call can no longer go on elsewhere: the first event of a stream has
 * come, or the whole of a response that is not streamed, or the service's error after which nothing more is tried.
 *
 * <p>The publisher is good for one subscriber, with back-pressure that reaches to the socket. A good response ends with
 * {@link RelayItem.Whole} and {@code onComplete}. One that is {@linkplain #verbatim() verbatim} brings
 * {@link RelayItem.Bytes} before it, from the first byte of the body to the last, also what the service sent behind its
 * end mark; any other brings the events of the stream, or nothing when it is not streamed. A stream that breaks off, or
 * in which the service reports an error, ends with {@code onError} and a {@link KimiException}; the bytes of the
 * service's own error event have come before it.
 *
 * <p>A response that is not 2xx has a {@link #failure()}. It brings the bytes of its body, up to 64 KiB, in whatever
 * protocol they are, and {@code onComplete}.
 *
 * <p>It must be read to its end or closed. Not meant to be implemented: any release may add methods.
 */
public interface RelayResponse extends AutoCloseable, Flow.Publisher<RelayItem> {

    /** The HTTP status of the service. */
    int status();

    /**
     * The headers of the service, without {@code content-encoding} and {@code content-length} when it packed the body.
     */
    Headers headers();

    /** The name of the endpoint that responded. */
    String endpoint();

    /** The protocol of that endpoint. */
    String protocol();

    /** The model that was asked, as that service calls it. */
    String model();

    /**
     * Whether the request went there as {@link RelayForm.Verbatim}, so that the body is in the protocol of the request.
     */
    boolean verbatim();

    /** How many attempts were made, at all endpoints. */
    int attempts();

    /** What became of the request on its way here; what comes to light later is in the whole response. */
    List<ChatResponse.Note> notes();

    /** What an error response of the service means; null for a good one. */
    @Nullable KimiException failure();

    /** What the response has reported so far that the call used; {@link Usage#NONE} before it did. Thread-safe. */
    Usage usage();

    /** Whether the service itself has reported an error within the stream, whose bytes the subscriber has got. */
    boolean errorRelayed();

    /** Delivers the body on the client's callback executor. A second subscriber gets {@link IllegalStateException}. */
    @Override
    void subscribe(Flow.Subscriber<? super RelayItem> subscriber);

    /** Cancels the call unless it has ended. Idempotent, never blocks, thread-safe. */
    @Override
    void close();
}
