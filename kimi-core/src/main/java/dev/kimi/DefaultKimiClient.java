package dev.kimi;

import dev.kimi.batch.BatchWindow;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.event.CallObserver;
import dev.kimi.internal.call.Blocking;
import dev.kimi.internal.call.Engine;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceResponse;
import dev.kimi.time.TimeSource;
import dev.kimi.transport.PoolState;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

final class DefaultKimiClient implements KimiClient {

    /** A blocked caller is woken by the transport's thread itself: nothing else can hang on that future. */
    private static final Executor DIRECT = Runnable::run;

    private final Engine engine;
    private final TimeSource time;
    private final Supplier<BatchWindow> windows;
    private final OwnedParts owned;

    DefaultKimiClient(Engine engine, TimeSource time, Supplier<BatchWindow> windows, OwnedParts owned) {
        this.engine = engine;
        this.time = time;
        this.windows = windows;
        this.owned = owned;
    }

    @Override
    public ChatResponse chat(ChatRequest request) {
        return Blocking.await(engine.chat(request, CallObserver.NONE, DIRECT));
    }

    @Override
    public CompletableFuture<ChatResponse> chatAsync(ChatRequest request) {
        return engine.chat(request, CallObserver.NONE, engine.callbackExecutor());
    }

    @Override
    public ChatStream stream(ChatRequest request) {
        return engine.stream(request);
    }

    @Override
    public List<ModelCard> models() {
        return Blocking.await(engine.models(DIRECT));
    }

    @Override
    public CompletableFuture<ServiceResponse> exchange(ServiceRequest request) {
        return engine.exchange(request, engine.callbackExecutor());
    }

    @Override
    public BatchRun batch(Iterable<ChatRequest> requests) {
        return batch(requests, BatchOptions.window(windows.get()));
    }

    @Override
    public BatchRun batch(Iterable<ChatRequest> requests, BatchOptions options) {
        BatchRunner run = new BatchRunner(engine, time, requests.iterator(), options.window());
        run.begin();
        return run;
    }

    @Override
    public PoolState pool() {
        return engine.pool();
    }

    @Override
    public boolean sharesPoolWith(KimiClient other) {
        return other instanceof DefaultKimiClient client && engine.sharesPoolWith(client.engine);
    }

    @Override
    public String name() {
        return engine.name();
    }

    @Override
    public void close() {
        // the engine first: it is the one who asks the parts
        engine.close();
        owned.close();
    }

    @Override
    public String toString() {
        return "KimiClient[" + name() + "]";
    }
}
