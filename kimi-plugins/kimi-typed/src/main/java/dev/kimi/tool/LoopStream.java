package dev.kimi.tool;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.KimiException;
import java.util.Iterator;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Events of a run, handed on by demand. One event at a time is asked of the stream of a round, and only when all others
 * have been taken, so that what waits here is that and the few events of the loop itself.
 */
final class LoopStream implements ToolLoopStream, Flow.Subscription {

    private final Function<ChatRequest, ChatStream> client;
    private final Consumer<? super ToolLoopEvent> observer;
    private final Consumer<LoopRun> begin;
    private final AtomicBoolean used = new AtomicBoolean();
    private final Queue<ToolLoopEvent> events = new ConcurrentLinkedQueue<>();
    private final AtomicLong demand = new AtomicLong();
    private final AtomicInteger passes = new AtomicInteger();
    private volatile @Nullable RoundReader reader;
    private volatile boolean closed;
    private volatile boolean over;
    private @Nullable LoopRun run;
    private volatile Flow.@Nullable Subscriber<? super ToolLoopEvent> subscriber;
    private volatile @Nullable IllegalArgumentException badDemand;

    LoopStream(
            Function<ChatRequest, ChatStream> client,
            Consumer<? super ToolLoopEvent> observer,
            Consumer<LoopRun> begin) {
        this.client = client;
        this.observer = observer;
        this.begin = begin;
    }

    /** Before anything else. */
    void run(LoopRun value) {
        run = value;
    }

    private LoopRun run() {
        return Objects.requireNonNull(run);
    }

    private CompletableFuture<ToolLoopResult> ended() {
        return run().result();
    }

    /** Makes the call of a round. Its events go through the run, which knows whether it has ended. */
    CompletableFuture<ChatResponse> call(int round, ChatRequest request) {
        ChatStream stream = client.apply(request);
        RoundReader next =
                new RoundReader(stream, event -> run().take(new ToolLoopEvent.Chat(round, event)), this::drain);
        reader = next;
        stream.subscribe(next);
        return next.response();
    }

    void emit(ToolLoopEvent event) {
        synchronized (events) {
            observer.accept(event);
            events.add(event);
        }
        drain();
    }

    @Override
    public Iterator<ToolLoopEvent> iterator() {
        KimiClient.checkMayBlock();
        LoopIterator iterator = new LoopIterator(this);
        if (!used.compareAndSet(false, true)) {
            throw usedBefore();
        }
        start(iterator);
        return iterator;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ToolLoopEvent> value) {
        Objects.requireNonNull(value, "subscriber");
        if (!used.compareAndSet(false, true)) {
            value.onSubscribe(Rejected.SUBSCRIPTION);
            value.onError(usedBefore());
            return;
        }
        start(value);
    }

    private static IllegalStateException usedBefore() {
        return new IllegalStateException("The stream was iterated, subscribed to or closed before: make another.");
    }

    private void start(Flow.Subscriber<? super ToolLoopEvent> value) {
        subscriber = value;
        // One pass is held until the subscriber knows its subscription.
        passes.incrementAndGet();
        value.onSubscribe(this);
        ended().whenComplete((result, failure) -> drain());
        if (!ended().isDone()) {
            begin(value);
        }
        deliverWhileAsked();
    }

    private void begin(Flow.Subscriber<? super ToolLoopEvent> value) {
        try {
            begin.accept(run());
        } catch (IllegalStateException e) {
            over = true;
            value.onError(e);
        }
    }

    @Override
    public void request(long count) {
        if (count <= 0) {
            badDemand = new IllegalArgumentException("demand must be positive, but is " + count);
            ended().cancel(true);
        } else {
            demand.accumulateAndGet(count, (had, more) -> had + more < 0 ? Long.MAX_VALUE : had + more);
        }
        drain();
    }

    @Override
    public void cancel() {
        over = true;
        ended().cancel(true);
    }

    @Override
    public void close() {
        used.set(true);
        closed = true;
        ended().completeExceptionally(new CallCancelledException(
                "The tool loop was cancelled: its stream was closed.", KimiException.Details.NONE, null));
    }

    @Override
    public ToolLoopResult result() {
        if (!ended().isDone() || ended().isCompletedExceptionally()) {
            throw new IllegalStateException("The tool loop has not ended, or not well: read its stream to the end.");
        }
        return ended().join();
    }

    private void drain() {
        if (subscriber != null && passes.getAndIncrement() == 0) {
            deliverWhileAsked();
        }
    }

    private void deliverWhileAsked() {
        int seen = passes.get();
        boolean well = false;
        try {
            do {
                seen = passes.get();
                deliver(Objects.requireNonNull(subscriber));
            } while (!passes.compareAndSet(seen, 0));
            well = true;
        } finally {
            if (!well) {
                cancel();
            }
        }
    }

    private void deliver(Flow.Subscriber<? super ToolLoopEvent> to) {
        if (closed) {
            events.clear();
        }
        while (!over && demand.get() > 0) {
            ToolLoopEvent event = events.poll();
            if (event == null) {
                break;
            }
            if (demand.get() != Long.MAX_VALUE) {
                demand.decrementAndGet();
            }
            to.onNext(event);
        }
        if (over) {
            events.clear();
        } else if (badDemand != null) {
            over = true;
            to.onError(badDemand);
        } else if (ended().isDone() && events.isEmpty()) {
            over = true;
            end(to);
        } else if (demand.get() > 0 && events.isEmpty()) {
            RoundReader current = reader;
            if (current != null) {
                current.askForOne();
            }
        }
    }

    private void end(Flow.Subscriber<? super ToolLoopEvent> to) {
        try {
            ended().join();
        } catch (CancellationException e) {
            to.onError(e);
            return;
        } catch (CompletionException e) {
            to.onError(e.getCause() == null ? e : e.getCause());
            return;
        }
        to.onComplete();
    }

    /** For whoever comes too late. */
    private enum Rejected implements Flow.Subscription {
        SUBSCRIPTION;

        @Override
        public void request(long count) {}

        @Override
        public void cancel() {}
    }
}
