package dev.kimi;

import dev.kimi.batch.BatchWindow;
import dev.kimi.batch.WindowObservation;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.KimiException;
import dev.kimi.internal.call.Blocking;
import dev.kimi.internal.call.Engine;
import dev.kimi.internal.util.EventLoops;
import dev.kimi.internal.util.Mailbox;
import dev.kimi.time.TimeSource;
import java.lang.ref.Reference;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Keeps as many calls in flight as the window says, and hands out each outcome once. */
final class BatchRunner implements BatchRun {

    /** An item of the queue of outcomes; without a result it marks the end. */
    private record Outcome(@Nullable BatchResult result) {}

    /** For what runs none of the callers' code. */
    private static final Executor DIRECT = Runnable::run;

    /** Held, so that it is not reclaimed between two calls. */
    private final KimiClient client;

    private final Engine engine;
    private final TimeSource time;
    private final Iterator<ChatRequest> input;
    private final BatchWindow window;
    private final Executor callbacks;
    private final BatchStatistics statistics = new BatchStatistics();
    private final Mailbox mailbox = new Mailbox(this::broke);
    private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
    private final Set<CompletableFuture<ChatResponse>> inFlight = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean iterated = new AtomicBoolean();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicBoolean endTold = new AtomicBoolean();
    private final AtomicInteger notTaken = new AtomicInteger();
    private volatile boolean closed;
    private volatile @Nullable RuntimeException inputFailure;

    // Below: touched only in turns of the mailbox, read anywhere.
    private volatile int started;
    private volatile int permits = 1;
    private volatile boolean exhausted;

    BatchRunner(KimiClient client, Engine engine, TimeSource time, Iterator<ChatRequest> input, BatchWindow window) {
        this.client = client;
        this.engine = engine;
        this.time = time;
        this.input = input;
        this.window = window;
        this.callbacks = engine.callbackExecutor();
    }

    void begin() {
        mailbox.run(this::fill);
    }

    /** Starts what may be started; the one place that does. */
    private void fill() {
        while (mayStart()) {
            // before the request is there, or another thread could see nothing running and report the end
            running.incrementAndGet();
            ChatRequest request = next();
            if (request == null) {
                running.decrementAndGet();
                break;
            }
            int index = started;
            started = index + 1;
            CompletableFuture<ChatResponse> call = engine.chat(request, statistics.observer(), DIRECT);
            Reference.reachabilityFence(client);
            inFlight.add(call);
            call.whenComplete((response, failure) -> {
                inFlight.remove(call);
                BatchResult result = failure == null
                        ? BatchResult.succeeded(index, request, response)
                        : BatchResult.failed(index, request, typed(failure));
                finished(result);
                callbacks.execute(() -> mailbox.run(this::fill));
            });
            if (closed) {
                call.cancel(true);
            }
        }
        tellEnd();
    }

    private void tellEnd() {
        if (running.get() == 0 && (exhausted || closed) && endTold.compareAndSet(false, true)) {
            outcomes.add(new Outcome(null));
        }
    }

    /** The window is a plug-in. When it throws, nothing more is started, and the consumer is told after what was. */
    private void broke(RuntimeException e) {
        inputFailure = e;
        exhausted = true;
        tellEnd();
    }

    private boolean mayStart() {
        if (exhausted || closed) {
            return false;
        }
        permits = Math.max(1, window.permits(statistics.observation(running.get(), time.nanoTime())));
        // Outcomes that nobody takes hold the run back, or a slow consumer would fill the memory.
        int now = running.get();
        return now < permits && now + notTaken.get() < 2 * permits;
    }

    private @Nullable ChatRequest next() {
        try {
            if (input.hasNext()) {
                return input.next();
            }
        } catch (RuntimeException e) {
            inputFailure = e;
        }
        exhausted = true;
        return null;
    }

    /** On the transport's thread: whoever iterates may hold the last thread of the callback executor. */
    private void finished(BatchResult result) {
        statistics.finished(result.succeeded());
        notTaken.incrementAndGet();
        outcomes.add(new Outcome(result));
        running.decrementAndGet();
        tellEnd();
    }

    private static KimiException typed(Throwable failure) {
        return failure instanceof KimiException kimi
                ? kimi
                : new CallCancelledException(
                        "The call was cancelled: its bulk run was closed.", KimiException.Details.NONE, null);
    }

    @Override
    public Iterator<BatchResult> iterator() {
        EventLoops.checkMayWait();
        if (!iterated.compareAndSet(false, true)) {
            throw new IllegalStateException("a bulk run is iterated once");
        }
        return new Results();
    }

    @Override
    public Progress progress() {
        WindowObservation now = statistics.observation(running.get(), time.nanoTime());
        return new Progress(
                started,
                (int) now.completed(),
                statistics.failed(),
                running.get(),
                permits,
                now.throttled(),
                statistics.retries(),
                now.averageLatency());
    }

    @Override
    public void close() {
        closed = true;
        inFlight.forEach(call -> call.cancel(true));
        mailbox.run(this::fill);
    }

    private final class Results implements Iterator<BatchResult> {
        private @Nullable BatchResult next;
        private boolean over;

        @Override
        public boolean hasNext() {
            if (next == null && !over) {
                next = take();
                over = next == null;
                RuntimeException failed = inputFailure;
                if (over && failed != null) {
                    throw new IllegalStateException(
                            "The input or the window of the bulk run failed after " + started
                                    + " requests; all of those ended.",
                            failed);
                }
            }
            return next != null;
        }

        @Override
        public BatchResult next() {
            if (!hasNext() || next == null) {
                throw new NoSuchElementException("the bulk run has ended");
            }
            BatchResult taken = next;
            next = null;
            return taken;
        }

        private @Nullable BatchResult take() {
            if (outcomes.isEmpty()) {
                EventLoops.checkMayWait();
            }
            try {
                BatchResult result = outcomes.take().result();
                if (result != null) {
                    notTaken.decrementAndGet();
                    mailbox.run(BatchRunner.this::fill);
                }
                return result;
            } catch (InterruptedException e) {
                close();
                throw Blocking.interrupted();
            }
        }
    }
}
