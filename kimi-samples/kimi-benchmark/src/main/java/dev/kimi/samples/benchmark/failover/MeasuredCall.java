package dev.kimi.samples.benchmark.failover;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.KimiException;
import dev.kimi.error.TransportException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallObserver;
import dev.kimi.time.TimeSource;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** One call: where it began, what its caller got, and when. Thread-safe. */
final class MeasuredCall implements CallObserver, Flow.Subscriber<ChatEvent> {

    private static final TimeSource TIME = TimeSource.system();

    private final int number;
    private final boolean streamed;
    private final long startNanos;
    private final Runnable end;

    private @Nullable ChatStream stream;
    private @Nullable String firstEndpoint;
    private @Nullable ChatResponse response;
    private @Nullable KimiException failure;
    private boolean triedKimi;
    private boolean fromKimi;
    private boolean fromClaude;
    private int ends;
    private long endNanos;

    /**
     * @param number its place among the calls of the run, from 0
     * @param startNanos when the call was to be made
     * @param end run once it has its outcome
     */
    MeasuredCall(int number, boolean streamed, long startNanos, Runnable end) {
        this.number = number;
        this.streamed = streamed;
        this.startNanos = startNanos;
        this.end = end;
    }

    @Override
    public synchronized void onEvent(CallEvent event) {
        if (event instanceof CallEvent.AttemptStarted attempt) {
            firstEndpoint = firstEndpoint == null ? attempt.endpoint() : firstEndpoint;
            triedKimi |= attempt.endpoint().equals(FailoverBenchmark.KIMI);
        }
    }

    // ---- a response at once

    void whole(@Nullable ChatResponse got, @Nullable Throwable thrown) {
        synchronized (this) {
            response = got;
            failure = typed(thrown);
            text(got == null ? "" : got.text());
        }
        ended();
    }

    // ---- a stream

    void streams(ChatStream begun) {
        stream = begun;
        begun.subscribe(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public synchronized void onNext(ChatEvent event) {
        if (event instanceof ChatEvent.Text text) {
            text(text.value());
        }
    }

    @Override
    public void onError(Throwable thrown) {
        synchronized (this) {
            failure = typed(thrown);
        }
        ended();
    }

    @Override
    public void onComplete() {
        synchronized (this) {
            response = stream == null ? null : stream.response();
        }
        ended();
    }

    private void text(String text) {
        fromKimi |= text.contains(ServicesMain.KIMI_LETTER);
        fromClaude |= text.contains(ServicesMain.CLAUDE_LETTER);
    }

    private void ended() {
        synchronized (this) {
            ends++;
            endNanos = TIME.nanoTime();
        }
        end.run();
    }

    private static @Nullable KimiException typed(@Nullable Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (cause == null || cause instanceof KimiException) {
            return (KimiException) cause;
        }
        throw new IllegalStateException("a call failed with a type that is none of a call", cause);
    }

    // ---- figures

    int number() {
        return number;
    }

    boolean streamed() {
        return streamed;
    }

    long startNanos() {
        return startNanos;
    }

    synchronized long endNanos() {
        return endNanos;
    }

    /** Whether its first request went to Kimi, or none was sent so far. */
    synchronized boolean beganAtKimi() {
        return firstEndpoint == null || firstEndpoint.equals(FailoverBenchmark.KIMI);
    }

    synchronized boolean triedKimi() {
        return triedKimi;
    }

    synchronized @Nullable KimiException failure() {
        return failure;
    }

    synchronized @Nullable ChatResponse response() {
        return response;
    }

    synchronized boolean hasContent() {
        return fromKimi || fromClaude;
    }

    /** Two ends, or content of two services. */
    synchronized boolean isTwice() {
        return ends > 1 || fromKimi && fromClaude;
    }

    /** Whether it failed after the service may have worked for it, so that it may not be sent again. */
    synchronized boolean mayBePaid() {
        return failure instanceof TransportException broken && !broken.unprocessed()
                || failure instanceof DeadlineExceededException late
                        && !streamed
                        && late.phase() == DeadlineExceededException.Phase.FIRST_EVENT
                || failure != null && failure.status() == 200;
    }
}
