package dev.kimi.faults;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/** Takes one event of a stream and waits. */
final class StreamSubscriber implements Flow.Subscriber<ChatEvent>, AutoCloseable {

    final CompletableFuture<ChatEvent> firstEvent = new CompletableFuture<>();
    private final ChatStream stream;

    StreamSubscriber(ChatStream stream) {
        this.stream = stream;
        stream.subscribe(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(1);
    }

    @Override
    public void onNext(ChatEvent event) {
        firstEvent.complete(event);
    }

    @Override
    public void onError(Throwable failure) {
        firstEvent.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        firstEvent.completeExceptionally(new IllegalStateException("the stream ended without an event"));
    }

    @Override
    public void close() {
        stream.close();
    }
}
