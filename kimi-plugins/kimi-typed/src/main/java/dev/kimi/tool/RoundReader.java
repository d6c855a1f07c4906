package dev.kimi.tool;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads the stream of a round, one event at a time. */
final class RoundReader implements Flow.Subscriber<ChatEvent> {

    private final ChatStream stream;
    private final Consumer<ChatEvent> events;
    private final Runnable ready;
    private final CompletableFuture<ChatResponse> response = new CompletableFuture<>();
    private final AtomicBoolean asked = new AtomicBoolean();
    private volatile Flow.@Nullable Subscription subscription;

    /**
     * @param events gets each event
     * @param ready runs when there may be reason to ask for one
     */
    RoundReader(ChatStream stream, Consumer<ChatEvent> events, Runnable ready) {
        this.stream = stream;
        this.events = events;
        this.ready = ready;
        response.whenComplete((whole, failure) -> stream.close());
    }

    /** Cancelling it closes the stream. */
    CompletableFuture<ChatResponse> response() {
        return response;
    }

    /** Asks for the next event, unless that was done and it has not come. */
    void askForOne() {
        Flow.Subscription from = subscription;
        if (from != null && !response.isDone() && asked.compareAndSet(false, true)) {
            from.request(1);
        }
    }

    @Override
    public void onSubscribe(Flow.Subscription value) {
        subscription = value;
        ready.run();
    }

    @Override
    public void onNext(ChatEvent event) {
        asked.set(false);
        events.accept(event);
    }

    @Override
    public void onError(Throwable failure) {
        response.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        response.complete(stream.response());
    }
}
