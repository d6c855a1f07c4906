package dev.kimi.tool;

import java.util.Iterator;
import java.util.concurrent.Flow;

/**
 * A loop as it happens: the events of all rounds and tools. Good for one use, in one of two ways: iterate (blocking,
 * one thread), or subscribe (never blocking). The loop begins then, and not before. Nothing is read from the service
 * beyond a small buffer until somebody asks. Always close it: closing before the end cancels the call and interrupts
 * the running tools, and returns at once. Closing and cancelling are thread-safe.
 *
 * <pre>{@code
 * try (ToolLoopStream stream = loop.stream(request)) {
 *     for (ToolLoopEvent event : stream) {
 *         if (event instanceof ToolLoopEvent.Chat chat && chat.event() instanceof ChatEvent.Text text) {
 *             show(text.value());
 *         }
 *     }
 *     keep(stream.result().conversation());
 * }
 * }</pre>
 */
public interface ToolLoopStream extends AutoCloseable, Iterable<ToolLoopEvent>, Flow.Publisher<ToolLoopEvent> {

    /**
     * The events, blocking while none is there. Interrupting the waiting thread cancels the loop. Fails as
     * {@link ToolLoop#run} does.
     *
     * @throws IllegalStateException if the stream was used before, or on a thread of an event loop
     */
    @Override
    Iterator<ToolLoopEvent> iterator();

    /**
     * Delivers the events with back-pressure, on threads of the client and of tools. A second subscriber gets
     * {@link IllegalStateException}.
     */
    @Override
    void subscribe(Flow.Subscriber<? super ToolLoopEvent> subscriber);

    /**
     * How the loop ended.
     *
     * @throws IllegalStateException if it has not ended yet, or not well
     */
    ToolLoopResult result();

    /** Cancels the loop unless it has ended. Idempotent, never blocks, thread-safe. */
    @Override
    void close();
}
