package dev.kimi.langchain4j;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatStream;
import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.RawStreamingEvent;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Passes a stream's events on to a subscriber of LangChain4j's, on one thread at a time. Demand is the subscriber's,
 * and one more for each event that has no counterpart. Complete tool calls and the response, which are in no event of
 * the stream, wait here until they are requested.
 */
final class EventSubscription implements Flow.Subscriber<ChatEvent>, Flow.Subscription {

    private final ChatStream stream;
    private final Flow.Subscriber<? super ChatModelStreamingEvent> subscriber;
    private final ToolCallProgress toolCalls = new ToolCallProgress();
    private final Queue<ChatModelStreamingEvent> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicLong demand = new AtomicLong();
    private final AtomicInteger pending = new AtomicInteger();
    private Flow.@Nullable Subscription upstream;
    private volatile boolean ended;
    private volatile @Nullable Throwable failure;
    private volatile boolean over;

    EventSubscription(ChatStream stream, Flow.Subscriber<? super ChatModelStreamingEvent> subscriber) {
        this.stream = stream;
        this.subscriber = subscriber;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        upstream = subscription;
        subscriber.onSubscribe(this);
    }

    @Override
    public void onNext(ChatEvent event) {
        if (event instanceof ChatEvent.ToolFragment fragment) {
            add(
                    toolCalls.begin(fragment),
                    toolCalls.isCompleted(fragment.index()) ? null : Responses.partial(fragment));
        } else {
            add(null, counterpart(event));
        }
    }

    private static @Nullable ChatModelStreamingEvent counterpart(ChatEvent event) {
        if (event instanceof ChatEvent.Text text) {
            return new PartialResponse(text.value());
        }
        if (event instanceof ChatEvent.Reasoning reasoning) {
            return new PartialThinking(reasoning.value());
        }
        return event instanceof ChatEvent.Other ? RawStreamingEvent.of(event) : null;
    }

    private void add(@Nullable ChatModelStreamingEvent first, @Nullable ChatModelStreamingEvent second) {
        if (first == null && second == null) {
            upstream().request(1);
            return;
        }
        if (first != null) {
            waiting.add(first);
        }
        if (second != null) {
            waiting.add(second);
        }
        drain();
    }

    @Override
    public void onError(Throwable cause) {
        failure = Failures.ofAny(cause);
        drain();
    }

    @Override
    public void onComplete() {
        ChatResponse response = Responses.of(stream.response());
        waiting.addAll(toolCalls.rest(response));
        waiting.add(new CompleteResponse(response));
        ended = true;
        drain();
    }

    @Override
    public void request(long n) {
        if (n > 0) {
            demand.accumulateAndGet(n, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
            upstream().request(n);
        } else {
            failure = new IllegalArgumentException("request(n) needs n above 0");
            upstream().cancel();
        }
        drain();
    }

    @Override
    public void cancel() {
        over = true;
        upstream().cancel();
    }

    private Flow.Subscription upstream() {
        return Objects.requireNonNull(upstream);
    }

    /** Delivers what can be delivered, unless another thread does: that one then looks again. */
    private void drain() {
        if (pending.getAndIncrement() != 0) {
            return;
        }
        int seen;
        do {
            seen = pending.get();
            deliver();
        } while (pending.addAndGet(-seen) != 0);
    }

    private void deliver() {
        Throwable failed = failure;
        if (failed != null && !over) {
            over = true;
            subscriber.onError(failed);
        }
        while (!over && demand.get() > 0 && !waiting.isEmpty()) {
            demand.updateAndGet(n -> n == Long.MAX_VALUE ? n : n - 1);
            next(waiting.remove());
        }
        if (!over && ended && waiting.isEmpty()) {
            over = true;
            subscriber.onComplete();
        }
    }

    /** By rule 2.13 of Reactive Streams a subscriber must not throw, and is cancelled when it does. */
    private void next(ChatModelStreamingEvent event) {
        boolean taken = false;
        try {
            subscriber.onNext(event);
            taken = true;
        } finally {
            if (!taken) {
                cancel();
            }
        }
    }
}
