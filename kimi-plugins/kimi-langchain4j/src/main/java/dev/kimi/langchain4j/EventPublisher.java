package dev.kimi.langchain4j;

import dev.kimi.chat.ChatStream;
import dev.kimi.error.KimiException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import java.util.Objects;
import java.util.concurrent.Flow;

/**
 * Makes a call for each subscriber. What it delivers exists since LangChain4j 1.20, so that only this class and
 * {@link EventSubscription} know those types.
 */
final class EventPublisher implements Flow.Publisher<ChatModelStreamingEvent> {

    private final ModelSettings settings;
    private final ChatRequest request;

    EventPublisher(ModelSettings settings, ChatRequest request) {
        this.settings = settings;
        this.request = request;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ChatModelStreamingEvent> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        ChatStream stream;
        try {
            stream = settings.client().stream(settings.request(request));
        } catch (LangChain4jException | KimiException e) {
            Nothing nothing = new Nothing();
            subscriber.onSubscribe(nothing);
            if (!nothing.cancelled) {
                subscriber.onError(Failures.ofAny(e));
            }
            return;
        }
        stream.subscribe(new EventSubscription(stream, subscriber));
    }

    /** Of a call that could not begin. */
    private static final class Nothing implements Flow.Subscription {

        private volatile boolean cancelled;

        @Override
        public void request(long n) {}

        @Override
        public void cancel() {
            cancelled = true;
        }
    }
}
