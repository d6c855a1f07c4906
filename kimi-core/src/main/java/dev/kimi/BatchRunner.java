package dev.kimi;

import dev.kimi.batch.BatchWindow;
import dev.kimi.batch.CallSample;
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
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Keeps as many calls in flight as the window says, and hands out each outcome once. */
final class BatchRunner implements BatchRun, BatchCall.Run {

    /** An item of the queue of outcomes; without a result it marks the end. */
    private record Outcome(@Nullable BatchResult result) {}

    /** For what runs none of the callers' code. */
    private static final Executor DIRECT = Runnable::run;

    /** Held, so that it is not reclaimed between two calls. */
    private final KimiClient client;

    private final Engine engine;
    private final TimeSource time;
    private final Iterator<ChatRequest> input;
    private final GuardedWindow window;
    private final BatchTicker ticker;
    private final Executor callbacks;
    private final BatchStatistics statistics = new BatchStatistics();
    private final Mailbox mailbox = new Mailbox(this::broke);
    private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
    private final Map<BatchCall, CompletableFuture<ChatResponse>> inFlight = new ConcurrentHashMap<>();
    /** What the window does not know yet. */
    private final Queue<CallSample> samples = new ConcurrentLinkedQueue<>();

    private final AtomicBoolean iterated = new AtomicBoolean();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicBoolean endTold = new AtomicBoolean();
    private final AtomicInteger notTaken = new AtomicInteger();
    private volatile boolean closed;
    private volatile @Nullable RuntimeException inputFailure;

    // Below: touched only in turns of the mailbox, read anywhere.
    private volatile int started;
    private volatile boolean exhausted;

    BatchRunner(KimiClient client, Engine engine, TimeSource time, Iterator<ChatRequest> input, BatchWindow window) {
        this.client = client;
        this.engine = engine;
        this.time = time;
        this.input = input;
        this.window = new GuardedWindow(window);
        this.callbacks = engine.callbackExecutor();
        this.ticker = new BatchTicker(engine.settings().timer(), this::turnSoon);
    }

    void begin() {
        mailbox.run(this::turn);
    }

    /** The thread that runs this is not to wait for the window, which may be a plug-in. */
    private void turnSoon() {
        callbacks.execute(() -> mailbox.run(this::turn));
    }

    /** Gives the window what happened, then starts what it permits; the one place that does. */
    private void turn() {
        tick();
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
            BatchCall item = new BatchCall(index, time, statistics, this);
            CompletableFuture<ChatResponse> call = engine.chat(request, item, item::responseBegan, DIRECT);
            Reference.reachabilityFence(client);
            inFlight.put(item, call);
            call.whenComplete((response, failure) -> {
                inFlight.remove(item);
                BatchResult result = failure == null
                        ? BatchResult.succeeded(index, request, response)
                        : BatchResult.failed(index, request, typed(failure));
                finished(result);
                turnSoon();
            });
            if (closed) {
                call.cancel(true);
            }
        }
        if (running.get() > 0) {
            ticker.start();
        }
        tellEnd();
    }

    private void giveSamples() {
        for (CallSample sample = samples.poll(); sample != null; sample = samples.poll()) {
            window.sampled(sample);
        }
    }

    private void tick() {
        if (ticker.take()) {
            giveSamples();
            List<CallSample> now = inFlight.keySet().stream()
                    .sorted(Comparator.comparingInt(BatchCall::index))
                    .map(BatchCall::sample)
                    .toList();
            window.tick(observation(), now);
        }
    }

    private WindowObservation observation() {
        return statistics.observation(running.get(), time.nanoTime());
    }

    private void tellEnd() {
        if (running.get() == 0 && (exhausted || closed) && endTold.compareAndSet(false, true)) {
            ticker.stop();
            outcomes.add(new Outcome(null));
        }
    }

    /** A turn threw, by a bug: nothing more is started, and the consumer gets it after the outcomes of what was. */
    private void broke(RuntimeException e) {
        inputFailure = e;
        exhausted = true;
        tellEnd();
    }

    private boolean mayStart() {
        giveSamples();
        if (exhausted || closed) {
            return false;
        }
        int permits = window.permits(observation());
        // Outcomes that nobody takes hold the run back, or a slow consumer would fill the memory.
        int now = running.get();
        return now < permits && now + notTaken.get() < 2L * permits;
    }

    private @Nullable ChatRequest next() {
        try {
            if (input.hasNext()) {
                return Objects.requireNonNull(input.next(), "the input has a null request");
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

    @Override
    public int inFlight() {
        return running.get();
    }

    /** The window gets a rejection at once, the rest in the turn that follows the end of a call, or at a tick. */
    @Override
    public void add(CallSample sample) {
        samples.add(sample);
        if (sample.throttled()) {
            turnSoon();
        }
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
        WindowObservation now = observation();
        return new Progress(
                started,
                (int) now.completed(),
                statistics.failed(),
                running.get(),
                window.lastPermits(),
                now.throttled(),
                statistics.retries(),
                now.averageLatency());
    }

    @Override
    public void close() {
        closed = true;
        ticker.stop();
        inFlight.values().forEach(call -> call.cancel(true));
        mailbox.run(this::turn);
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
                            "The input of the bulk run failed after " + started + " requests; all of those ended.",
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
                }
                // at the end too, so that the window gets the samples of the last calls without the callback executor
                mailbox.run(BatchRunner.this::turn);
                return result;
            } catch (InterruptedException e) {
                close();
                throw Blocking.interrupted();
            }
        }
    }
}
