package dev.kimi.faults;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.KimiException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Makes one call, on a thread of its own since some forms block, and notes what becomes of it. */
final class Caller implements Flow.Subscriber<ChatEvent> {

    /** How the call is made. */
    enum Form {
        CHAT,
        FUTURE,
        ITERATE,
        SUBSCRIBE,
        MONO,
        FLUX;

        boolean streamed() {
            return this == ITERATE || this == SUBSCRIBE || this == FLUX;
        }
    }

    /** What became of it: null for a response; what was thrown or signalled; and whether the thread was interrupted. */
    record Outcome(@Nullable Throwable failure, boolean interrupted) {}

    final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    final CompletableFuture<ChatEvent> firstEvent = new CompletableFuture<>();
    final CompletableFuture<Flow.Subscription> subscribed = new CompletableFuture<>();
    final CompletableFuture<Disposable> disposable = new CompletableFuture<>();
    final AtomicInteger events = new AtomicInteger();
    /** A stream is not read before this is completed. */
    final CompletableFuture<Void> mayRead = new CompletableFuture<>();

    private final CompletableFuture<ChatStream> stream = new CompletableFuture<>();
    private final CompletableFuture<CompletableFuture<ChatResponse>> future = new CompletableFuture<>();
    private final Form form;
    private final KimiClient client;
    private final ChatRequest request;
    private final Thread thread = new Thread(this::call, "caller");

    Caller(Form form, KimiClient client, ChatRequest request) {
        this.form = form;
        this.client = client;
        this.request = request;
        thread.setDaemon(true);
    }

    Caller start() {
        thread.start();
        return this;
    }

    private void call() {
        switch (form) {
            case CHAT -> end(() -> client.chat(request));
            case FUTURE -> {
                CompletableFuture<ChatResponse> made = client.chatAsync(request);
                made.whenComplete((response, failure) -> outcome.complete(new Outcome(failure, false)));
                future.complete(made);
            }
            case ITERATE -> end(this::iterate);
            case SUBSCRIBE -> subscribe();
            case MONO ->
                disposable.complete(Mono.fromFuture(() -> client.chatAsync(request))
                        .subscribe(response -> onComplete(), this::onError));
            case FLUX ->
                disposable.complete(Flux.defer(() -> JdkFlowAdapter.flowPublisherToFlux(client.stream(request)))
                        .subscribe(this::onNext, this::onError, this::onComplete));
        }
    }

    private void end(Runnable blocking) {
        Throwable thrown = null;
        try {
            blocking.run();
        } catch (KimiException failure) {
            thrown = failure;
        }
        outcome.complete(new Outcome(thrown, Thread.currentThread().isInterrupted()));
    }

    private void iterate() {
        ChatStream opened = client.stream(request);
        stream.complete(opened);
        mayRead.join();
        opened.forEach(event -> {
            events.incrementAndGet();
            firstEvent.complete(event);
        });
    }

    private void subscribe() {
        ChatStream opened = client.stream(request);
        stream.complete(opened);
        mayRead.join();
        opened.subscribe(this);
    }

    Form form() {
        return form;
    }

    void interrupt() {
        thread.interrupt();
    }

    void cancelFuture() {
        future.join().cancel(true);
    }

    void closeStream() {
        stream.join().close();
    }

    void cancelSubscription() {
        subscribed.join().cancel();
    }

    void dispose() {
        disposable.join().dispose();
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        given.request(Long.MAX_VALUE);
        subscribed.complete(given);
    }

    @Override
    public void onNext(ChatEvent event) {
        firstEvent.complete(Objects.requireNonNull(event));
    }

    @Override
    public void onError(Throwable failure) {
        outcome.complete(new Outcome(failure, false));
    }

    @Override
    public void onComplete() {
        outcome.complete(new Outcome(null, false));
    }
}
