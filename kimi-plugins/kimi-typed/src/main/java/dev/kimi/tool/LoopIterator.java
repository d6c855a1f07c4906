package dev.kimi.tool;

import dev.kimi.error.CallCancelledException;
import dev.kimi.error.KimiException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** Takes the events of a loop on the thread that iterates. */
final class LoopIterator implements Iterator<ToolLoopEvent>, Flow.Subscriber<ToolLoopEvent> {

    /** The end of the loop, as a thing in the queue. */
    private record End(@Nullable Throwable failure) {}

    private final Flow.Subscription loop;
    private final BlockingQueue<Object> arrived = new LinkedBlockingQueue<>();
    private @Nullable Object next;

    LoopIterator(Flow.Subscription loop) {
        this.loop = loop;
    }

    @Override
    public boolean hasNext() {
        if (next == null) {
            loop.request(1);
            next = take();
        }
        if (next instanceof End end && end.failure() != null) {
            throw failure(end.failure());
        }
        return !(next instanceof End);
    }

    private Object take() {
        try {
            return arrived.take();
        } catch (InterruptedException e) {
            loop.cancel();
            Thread.currentThread().interrupt();
            return new End(new CallCancelledException(
                    "The tool loop was cancelled: its thread was interrupted.", KimiException.Details.NONE, e));
        }
    }

    private static RuntimeException failure(Throwable failure) {
        if (failure instanceof CancellationException) {
            return new CallCancelledException("The tool loop was cancelled.", KimiException.Details.NONE, failure);
        }
        return failure instanceof RuntimeException known
                ? known
                : new IllegalStateException("The tool loop ended with an unexpected failure", failure);
    }

    @Override
    public ToolLoopEvent next() {
        if (hasNext() && next instanceof ToolLoopEvent event) {
            next = null;
            return event;
        }
        throw new NoSuchElementException();
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {}

    @Override
    public void onNext(ToolLoopEvent event) {
        arrived.add(event);
    }

    @Override
    public void onError(Throwable failure) {
        arrived.add(new End(failure));
    }

    @Override
    public void onComplete() {
        arrived.add(new End(null));
    }
}
