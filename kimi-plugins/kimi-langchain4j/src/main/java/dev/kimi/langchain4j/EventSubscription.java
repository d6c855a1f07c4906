package dev.kimi.langchain4j;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatStream;
import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.RawStreamingEvent;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Passes a stream's events on to a subscriber of LangChain4j's. While the stream goes on, demand is its demand, and one
 * more for each event that has no counterpart. What LangChain4j wants at the end, tool calls and the response, waits
 * here until it is requested.
 */
final class EventSubscription implements Flow.Subscriber<ChatEvent>, Flow.Subscription {

    private final ChatStream stream;
    private final Flow.Subscriber<? super ChatModelStreamingEvent> subscriber;
    private final AtomicLong demand = new AtomicLong();
    private final AtomicInteger pending = new AtomicInteger();
    private Flow.@Nullable Subscription upstream;
    /** Set once, when the stream has ended well; taken from by one thread at a time, see {@link #drain}. */
    private volatile @Nullable Queue<ChatModelStreamingEvent> rest;

    private volatile boolean over;
    private volatile boolean badDemand;

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
        ChatModelStreamingEvent passed = counterpart(event);
        if (passed == null) {
            Objects.requireNonNull(upstream).request(1);
            return;
        }
        delivered();
        subscriber.onNext(passed);
    }

    private static @Nullable ChatModelStreamingEvent counterpart(ChatEvent event) {
        if (event instanceof ChatEvent.Text text) {
            return new PartialResponse(text.value());
        }
        if (event instanceof ChatEvent.Reasoning reasoning) {
            return new PartialThinking(reasoning.value());
        }
        if (event instanceof ChatEvent.ToolFragment fragment) {
            return Responses.partial(fragment);
        }
        return event instanceof ChatEvent.Other ? RawStreamingEvent.of(event) : null;
    }

    @Override
    public void onError(Throwable failure) {
        over = true;
        subscriber.onError(Failures.ofAny(failure));
    }

    @Override
    public void onComplete() {
        ChatResponse response = Responses.of(stream.response());
        Queue<ChatModelStreamingEvent> last = new ArrayDeque<>(Responses.toolCalls(response));
        last.add(new CompleteResponse(response));
        rest = last;
        drain();
    }

    @Override
    public void request(long n) {
        if (n > 0) {
            demand.accumulateAndGet(n, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
        } else {
            badDemand = true;
        }
        Objects.requireNonNull(upstream).request(n);
        drain();
    }

    @Override
    public void cancel() {
        over = true;
        Objects.requireNonNull(upstream).cancel();
    }

    private void delivered() {
        demand.updateAndGet(n -> n == Long.MAX_VALUE ? n : n - 1);
    }

    /** Delivers what waits here, on the thread that ended the stream or requests more. */
    private void drain() {
        Queue<ChatModelStreamingEvent> waiting = rest;
        if (waiting == null || pending.getAndIncrement() != 0) {
            return;
        }
        int seen;
        do {
            seen = pending.get();
            if (badDemand && !over) {
                over = true;
                subscriber.onError(new IllegalArgumentException("request(n) needs n above 0"));
            }
            while (!over && demand.get() > 0 && !waiting.isEmpty()) {
                delivered();
                subscriber.onNext(waiting.remove());
            }
            if (!over && waiting.isEmpty()) {
                over = true;
                subscriber.onComplete();
            }
        } while (pending.addAndGet(-seen) != 0);
    }
}
