package dev.kimi.chat;

import java.util.Iterator;
import java.util.concurrent.Flow;

/**
 * A response as it arrives. Good for one use, in one of two ways: iterate (blocking, one thread), or subscribe (never
 * blocking). Nothing is read from the socket beyond a small buffer until somebody asks, so a slow consumer costs no
 * memory. Always close it: closing before the end cancels the call, aborts the exchange with the service and returns at
 * once. Closing and cancelling are thread-safe. A stream that is dropped, and so is its iterator, before it was read to
 * its end, subscribed to or closed, is cancelled once the garbage collector finds it, with a warning.
 *
 * <p>Iteration, {@code onError} and {@link #response()} report failures as the exceptions of {@code dev.kimi.error}; a
 * stream that stops without its end mark is a failure.
 *
 * <pre>{@code
 * try (ChatStream stream = kimi.stream(request)) {
 *     for (ChatEvent event : stream) {
 *         if (event instanceof ChatEvent.Text text) show(text.value());
 *     }
 *     ChatResponse whole = stream.response();
 * }
 * }</pre>
 */
public interface ChatStream extends AutoCloseable, Iterable<ChatEvent>, Flow.Publisher<ChatEvent> {

    /**
     * The events, blocking while none is there. Interrupting the waiting thread cancels the call.
     *
     * @throws IllegalStateException if the stream was iterated or subscribed to before, or on a thread of an event
     *     loop, where the stream has to be subscribed to instead
     */
    @Override
    Iterator<ChatEvent> iterator();

    /**
     * Delivers the events with back-pressure, on the client's callback executor. A second subscriber gets
     * {@link IllegalStateException}.
     */
    @Override
    void subscribe(Flow.Subscriber<? super ChatEvent> subscriber);

    /**
     * The whole response.
     *
     * @throws IllegalStateException if the stream has not ended yet, or was closed before its end
     */
    ChatResponse response();

    /** Cancels the call unless it has ended. Idempotent, never blocks, thread-safe. */
    @Override
    void close();
}
