package dev.kimi.test;

import dev.kimi.BatchResult;
import dev.kimi.BatchRun;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.KimiException;
import java.time.Duration;
import java.util.Iterator;
import java.util.function.Function;

/** A bulk run that makes one call after another, each when its outcome is asked for. */
final class FakeBatch implements BatchRun {

    private final Iterator<ChatRequest> requests;
    private final Function<ChatRequest, ChatResponse> calls;
    private boolean iterated;
    private volatile int succeeded;
    private volatile int failed;
    private volatile boolean closed;

    FakeBatch(Iterator<ChatRequest> requests, Function<ChatRequest, ChatResponse> calls) {
        this.requests = requests;
        this.calls = calls;
    }

    @Override
    public Iterator<BatchResult> iterator() {
        if (iterated) {
            throw new IllegalStateException("a bulk run is iterated once");
        }
        iterated = true;
        return new Iterator<>() {
            private int index;

            @Override
            public boolean hasNext() {
                return !closed && requests.hasNext();
            }

            @Override
            public BatchResult next() {
                ChatRequest request = requests.next();
                try {
                    BatchResult result = BatchResult.succeeded(index++, request, calls.apply(request));
                    succeeded++;
                    return result;
                } catch (KimiException e) {
                    failed++;
                    return BatchResult.failed(index - 1, request, e);
                }
            }
        };
    }

    @Override
    public Progress progress() {
        return new Progress(succeeded + failed, succeeded, failed, 0, 1, 0, 0, Duration.ZERO);
    }

    @Override
    public void close() {
        closed = true;
    }
}
