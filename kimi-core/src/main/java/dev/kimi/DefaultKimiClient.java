package dev.kimi;

import dev.kimi.batch.BatchWindow;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.event.CallObserver;
import dev.kimi.internal.call.Blocking;
import dev.kimi.internal.call.Engine;
import dev.kimi.internal.call.EngineState;
import dev.kimi.internal.call.Preparation;
import dev.kimi.internal.endpoint.Circuit;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.leak.CreationSite;
import dev.kimi.internal.leak.Leaks;
import dev.kimi.relay.RelayRequest;
import dev.kimi.relay.RelayResponse;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceResponse;
import dev.kimi.service.ServiceStream;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timeouts;
import dev.kimi.transport.PoolState;
import dev.kimi.transport.Transport;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The client as the program holds it. Nothing in the library refers to it but calls that are under way, so that the
 * garbage collector sees when the program drops it. Each method that starts something keeps it alive until then: the
 * engine has only a weak reference.
 */
final class DefaultKimiClient implements KimiClient {

    /** A blocked caller is woken by the transport's thread itself: nothing else can hang on that future. */
    private static final Executor DIRECT = Runnable::run;

    private final Engine engine;
    private final Preparation warmUp;
    private final Supplier<List<Circuit.Seen>> circuits;
    private final Endpoint home;
    private final TimeSource time;
    private final Runnable resetLimits;
    private final Supplier<BatchWindow> windows;
    private final Leaks leaks;
    private final Shutdown shutdown;
    private final Cleaner.Cleanable watch;

    /**
     * What a client is made of.
     *
     * @param warmUp what can be done before the first call
     * @param circuits those of its route
     * @param home where calls go unless they fail over
     * @param resetLimits forgets what was learned from calls
     */
    record Parts(
            Engine engine,
            Preparation warmUp,
            Supplier<List<Circuit.Seen>> circuits,
            Endpoint home,
            TimeSource time,
            Runnable resetLimits,
            Leaks leaks) {}

    DefaultKimiClient(Parts parts, Supplier<BatchWindow> windows) {
        this.engine = parts.engine();
        this.warmUp = parts.warmUp();
        this.circuits = parts.circuits();
        this.home = parts.home();
        this.time = parts.time();
        this.resetLimits = parts.resetLimits();
        this.windows = windows;
        this.leaks = parts.leaks();
        this.shutdown = new Shutdown(engine, leaks);
        this.watch = leaks.watch(this, shutdown);
        engine.serves(this);
    }

    /** Ends everything that belongs to the client, of which it knows nothing. */
    private static final class Shutdown implements Runnable {
        private final Engine engine;
        private final Leaks leaks;
        private final @Nullable CreationSite made;
        private volatile boolean asked;

        private Shutdown(Engine engine, Leaks leaks) {
            this.engine = engine;
            this.leaks = leaks;
            this.made = leaks.clientMade();
        }

        private void close() {
            asked = true;
            leaks.clientClosed();
            engine.close();
        }

        private CompletableFuture<Boolean> begin(Duration limit) {
            asked = true;
            CompletableFuture<Boolean> over = engine.shutdown(limit);
            over.thenRun(leaks::clientClosed);
            return over;
        }

        /** The client is gone, or has reported that it is closed. */
        @Override
        public void run() {
            if (!asked) {
                engine.close();
                leaks.clientDropped(made);
            }
        }
    }

    @Override
    public ChatResponse chat(ChatRequest request) {
        return Blocking.call(() -> chat(request, DIRECT));
    }

    @Override
    public CompletableFuture<ChatResponse> chatAsync(ChatRequest request) {
        return chat(request, engine.callbackExecutor());
    }

    private CompletableFuture<ChatResponse> chat(ChatRequest request, Executor executor) {
        return whileHeld(() -> engine.chat(request, CallObserver.NONE, executor));
    }

    @Override
    public ChatStream stream(ChatRequest request) {
        return whileHeld(() -> engine.stream(request));
    }

    @Override
    public long countTokens(ChatRequest request) {
        return Blocking.call(() -> whileHeld(() -> engine.countTokens(request, DIRECT)));
    }

    @Override
    public CompletableFuture<Long> countTokensAsync(ChatRequest request) {
        return whileHeld(() -> engine.countTokens(request, engine.callbackExecutor()));
    }

    @Override
    public List<ModelCard> models() {
        return Blocking.call(() -> whileHeld(() -> engine.models(DIRECT)));
    }

    @Override
    public CompletableFuture<List<ModelCard>> modelsAsync() {
        return whileHeld(() -> engine.models(engine.callbackExecutor()));
    }

    @Override
    public ModelCard modelCard(String id) {
        return home.card(id);
    }

    @Override
    public ServiceResponse exchange(ServiceRequest request) {
        return Blocking.call(() -> whileHeld(() -> engine.exchange(request, DIRECT)));
    }

    @Override
    public CompletableFuture<ServiceResponse> exchangeAsync(ServiceRequest request) {
        return whileHeld(() -> engine.exchange(request, engine.callbackExecutor()));
    }

    @Override
    public ServiceStream exchangeStream(ServiceRequest request) {
        return Blocking.call(() -> whileHeld(() -> engine.exchangeStream(request, DIRECT)));
    }

    @Override
    public CompletableFuture<ServiceStream> exchangeStreamAsync(ServiceRequest request) {
        return whileHeld(() -> engine.exchangeStream(request, engine.callbackExecutor()));
    }

    @Override
    public CompletableFuture<RelayResponse> relay(RelayRequest request) {
        return whileHeld(() -> engine.relay(request, engine.callbackExecutor()));
    }

    /** Until the call is under way, which then holds the client, nobody but the caller may. */
    private <T> T whileHeld(Supplier<T> start) {
        try {
            return start.get();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public BatchRun batch(Iterable<ChatRequest> requests) {
        return batch(requests, BatchOptions.window(windows.get()));
    }

    @Override
    public BatchRun batch(Iterable<ChatRequest> requests, BatchOptions options) {
        BatchRunner run = new BatchRunner(this, engine, time, requests.iterator(), options.window());
        run.begin();
        return run;
    }

    @Override
    public PoolState pool() {
        return home.transport().pool();
    }

    @Override
    public Diagnostics diagnostics() {
        EngineState now = engine.state();
        return new Diagnostics(
                new Diagnostics.Calls(now.queued(), now.credentials(), now.sending(), now.receiving(), now.backOff()),
                now.streams(),
                now.lingering(),
                home.account().governor().budget().available(),
                leaks.leakedStreams(),
                Leaks.reclaimedClients(),
                home.transport().pool(),
                circuits.get().stream().map(DefaultKimiClient::circuit).toList());
    }

    private static Diagnostics.Circuit circuit(Circuit.Seen seen) {
        Diagnostics.Circuit.State state = switch (seen.state()) {
            case CLOSED -> Diagnostics.Circuit.State.CLOSED;
            case HALF_OPEN -> Diagnostics.Circuit.State.HALF_OPEN;
            case OPEN -> Diagnostics.Circuit.State.OPEN;
        };
        return new Diagnostics.Circuit(seen.endpoint(), seen.model(), state);
    }

    @Override
    public List<Diagnostics.OpenCall> openCalls() {
        return engine.openCalls().stream()
                .map(open -> new Diagnostics.OpenCall(open.number(), open.what(), open.madeAt()))
                .toList();
    }

    @Override
    public boolean sharesPoolWith(KimiClient other) {
        return other instanceof DefaultKimiClient client && home.transport() == client.home.transport();
    }

    @Override
    public boolean sharesPoolWith(Transport transport) {
        return home.transport() == transport;
    }

    @Override
    public String name() {
        return engine.name();
    }

    @Override
    public Timeouts timeouts() {
        return engine.settings().timeouts();
    }

    @Override
    public String model() {
        return home.standardModel();
    }

    @Override
    public String protocol() {
        return home.protocol();
    }

    @Override
    public URI baseUrl() {
        return home.baseUri();
    }

    @Override
    public void resetLimits() {
        resetLimits.run();
        leaks.rememberPlacesAgain();
    }

    @Override
    public CompletableFuture<Boolean> warmUp(WarmUp what, Duration limit) {
        return whileHeld(() -> switch (what) {
            case OFF -> CompletableFuture.completedFuture(true);
            case CONNECT -> warmUp.begin(false, limit, engine.callbackExecutor());
            case CALL_PATH -> warmUp.begin(true, limit, engine.callbackExecutor());
        });
    }

    @Override
    public CompletableFuture<Boolean> shutdown(Duration limit) {
        return whileHeld(() -> shutdown.begin(limit));
    }

    @Override
    public void close() {
        try {
            shutdown.close();
            watch.clean();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public String toString() {
        return "KimiClient[" + name() + "]";
    }
}
