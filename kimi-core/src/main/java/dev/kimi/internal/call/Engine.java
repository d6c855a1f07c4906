package dev.kimi.internal.call;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.KimiException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallObserver;
import dev.kimi.internal.endpoint.CallRequest;
import dev.kimi.internal.endpoint.EncodedRequest;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.ResponseMark;
import dev.kimi.internal.endpoint.Router;
import dev.kimi.internal.leak.CallMade;
import dev.kimi.internal.leak.Leaks;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.relay.RelayRequest;
import dev.kimi.relay.RelayResponse;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceResponse;
import dev.kimi.service.ServiceStream;
import dev.kimi.time.Timer;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Starts calls, keeps those under way, and ends them when it is closed. Thread-safe. */
public final class Engine implements AutoCloseable {

    private static final long LINGER_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int LINGER_CHUNKS = 64;

    private final EngineSettings settings;
    private final Listeners listeners;
    private final Router router;
    private final Runnable closeOwned;
    private final Leaks leaks;
    /** Calls under way, each with the client that it must keep from being reclaimed. */
    private final Map<Call, Object> live = new ConcurrentHashMap<>();

    private final Set<Attempt> lingering = ConcurrentHashMap.newKeySet();
    private final CallOwner owner = new CallOwner() {
        @Override
        public boolean closed() {
            return closed;
        }

        @Override
        public KimiException closing(KimiException.Details details) {
            return cancelledBy.apply(details);
        }

        @Override
        public void linger(Attempt attempt) {
            Engine.this.linger(attempt);
        }

        @Override
        public void ended(CallHandle call) {
            live.remove(call);
            if (rejection != null) {
                drained();
            }
        }
    };

    private final AtomicBoolean partsClosed = new AtomicBoolean();
    private volatile boolean closed;
    /** Why calls that were under way when it was closed are cancelled. */
    private volatile Function<KimiException.Details, KimiException> cancelledBy = Failures::closed;
    /** Why a call that begins now is rejected; null as long as none is. */
    private volatile @Nullable Function<KimiException.Details, KimiException> rejection;
    /** How the calls under way are let end; null as long as they need not. */
    private volatile @Nullable Drain drain;

    /** Weak, since the transport and the timer hold the engine. */
    private volatile WeakReference<?> client = new WeakReference<>(null);

    /** @param closeOwned closes what ends with the engine, timer and transport among it; run once, by {@link #close} */
    public Engine(EngineSettings settings, Router router, Runnable closeOwned, Leaks leaks) {
        this(settings, new Listeners(settings.name(), settings.listeners()), router, closeOwned, leaks);
    }

    private Engine(EngineSettings settings, Listeners listeners, Router router, Runnable closeOwned, Leaks leaks) {
        this.settings = settings;
        this.listeners = listeners;
        this.router = router;
        this.closeOwned = closeOwned;
        this.leaks = leaks;
    }

    /** One whose calls nobody hears of, neither listeners nor the log. */
    static Engine unseen(EngineSettings settings, Router router) {
        Listeners none = new Listeners(settings.name(), List.of(), false);
        return new Engine(settings, none, router, () -> {}, new Leaks(settings.name(), false, false));
    }

    /** Names the client that the program holds. It is not reclaimed while a call is under way, dropped or not. */
    public void serves(Object facade) {
        this.client = new WeakReference<>(facade);
    }

    /**
     * Asks for a whole response.
     *
     * @param own an observer for this call only
     * @param executor where the future is completed
     */
    public CompletableFuture<ChatResponse> chat(ChatRequest request, CallObserver own, Executor executor) {
        return chat(request, own, () -> {}, executor);
    }

    /**
     * Asks for a whole response.
     *
     * @param own an observer for this call only
     * @param onHead run when the head of a 2xx response has come, once for each attempt that gets one, in order with
     *     what the observer is notified of; must not throw
     * @param executor where the future is completed
     */
    public CompletableFuture<ChatResponse> chat(
            ChatRequest request, CallObserver own, Runnable onHead, Executor executor) {
        try {
            return start(
                    new CallRequest.Chat(request, false),
                    new WholeResponseFuture<>(Engine::chat, onHead, executor),
                    own);
        } catch (KimiException rejected) {
            return CompletableFuture.failedFuture(rejected);
        }
    }

    private static ChatResponse chat(Endpoint endpoint, ByteBuffer body, ErrorContext context, ResponseMark mark) {
        return mark.on(endpoint.decode(body, context));
    }

    /**
     * Asks for a streamed response.
     *
     * @throws KimiException if the service is known to reject the request
     */
    public ChatStream stream(ChatRequest request) {
        Prepared prepared = prepare(new CallRequest.Chat(request, true));
        CallMade made = leaks.streamMade();
        EventBuffer stream = new EventBuffer(callbackExecutor(), leaks, made);
        Call call = call(prepared, stream, CallObserver.NONE, made);
        stream.of(call);
        ChatStream handle = new StreamHandle(stream, leaks);
        begin(call);
        return handle;
    }

    /**
     * Asks how many tokens the model would read.
     *
     * @param executor where the future is completed
     */
    public CompletableFuture<Long> countTokens(ChatRequest request, Executor executor) {
        try {
            return start(
                    new CallRequest.Count(request),
                    new WholeResponseFuture<>(
                            (endpoint, body, context, mark) -> endpoint.decodeCount(body, context), executor),
                    CallObserver.NONE);
        } catch (KimiException rejected) {
            return CompletableFuture.failedFuture(rejected);
        }
    }

    /** Asks for the models on offer, all of them. */
    public CompletableFuture<List<ModelCard>> models(Executor executor) {
        Object served = client.get();
        ModelPages.Caller caller = (page, consumer) -> {
            try {
                // a list that has begun goes on to its last page
                return begin(page, consumer, CallObserver.NONE, page.after() != null);
            } finally {
                Reference.reachabilityFence(served); // between two pages nothing else holds it
            }
        };
        return new ModelPages(caller, settings.time(), settings.timeouts().total(), executor).begin();
    }

    /** Calls any endpoint, for the whole response. */
    public CompletableFuture<ServiceResponse> exchange(ServiceRequest request, Executor executor) {
        return start(
                new CallRequest.Raw(request, false),
                new WholeResponseFuture<>(
                        (endpoint, body, context, mark) ->
                                new ServiceResponse(context.status(), context.headers(), copy(body)),
                        () -> {},
                        executor,
                        request.errorsAsResponses() ? Engine::response : null),
                CallObserver.NONE);
    }

    /**
     * Calls any endpoint, for the head of the response and a body as it arrives.
     *
     * @param executor where the future is completed
     */
    public CompletableFuture<ServiceStream> exchangeStream(ServiceRequest request, Executor executor) {
        Prepared prepared = prepare(new CallRequest.Raw(request, true));
        CallMade made = leaks.streamMade();
        StreamedResponseFuture response =
                new StreamedResponseFuture(callbackExecutor(), executor, leaks, made, request.errorsAsResponses());
        Call call = call(prepared, response, CallObserver.NONE, made);
        CompletableFuture<ServiceStream> head = response.of(call);
        begin(call);
        return head;
    }

    /**
     * Sends on a chat request that another program wrote.
     *
     * @param executor where the future is completed
     */
    public CompletableFuture<RelayResponse> relay(RelayRequest request, Executor executor) {
        Prepared prepared;
        try {
            prepared = prepare(new CallRequest.Relay(request));
        } catch (KimiException rejected) {
            return CompletableFuture.failedFuture(rejected);
        } catch (RuntimeException e) {
            ErrorContext context =
                    new ErrorContext(0, Duration.ZERO, settings.time().now());
            return CompletableFuture.failedFuture(Failures.broken(e, context));
        }
        CallMade made = leaks.streamMade();
        RelayedResponseFuture response =
                new RelayedResponseFuture(request.streamed(), callbackExecutor(), executor, leaks, made);
        Call call = call(prepared, response, CallObserver.NONE, made);
        CompletableFuture<RelayResponse> future = response.of(call);
        begin(call);
        return future;
    }

    private static ServiceResponse response(ErrorResponse error) {
        return new ServiceResponse(error.head().status(), error.head().headers(), copy(error.body()));
    }

    private static byte[] copy(ByteBuffer body) {
        int from = body.arrayOffset() + body.position();
        return Arrays.copyOfRange(body.array(), from, from + body.remaining());
    }

    private <T> CompletableFuture<T> start(CallRequest request, WholeResponseFuture<T> consumer, CallObserver own) {
        begin(request, consumer, own, false);
        return consumer.future();
    }

    /** @param goesOn whether it is a part of what had begun before */
    private CallHandle begin(CallRequest request, WholeResponseFuture<?> consumer, CallObserver own, boolean goesOn) {
        Call call = call(prepare(request), consumer, own, leaks.callMade());
        consumer.future().of(call);
        begin(call, goesOn);
        return call;
    }

    /** The request as the first endpoint has encoded it: what it rejects, its caller hears of at once. */
    private Prepared prepare(CallRequest request) {
        Endpoint first = router.first(request);
        return new Prepared(request, first, first.encode(request));
    }

    private record Prepared(CallRequest request, Endpoint first, EncodedRequest encoded) {}

    private Call call(Prepared prepared, ResponseConsumer consumer, CallObserver own, CallMade made) {
        CallRequest request = prepared.request();
        CallObserver observer = listeners.started(
                new CallEvent.Started(
                        name(),
                        made.number(),
                        request.operation(),
                        prepared.first().modelOf(request)),
                own);
        return new Call(
                new CallParts(owner, settings, router, consumer, observer, made),
                CallPlan.of(request, settings.timeouts()),
                prepared.first(),
                prepared.encoded());
    }

    private void begin(Call call) {
        begin(call, false);
    }

    /** It is listed before it looks whether it is rejected: who ends the engine says so before looking at the list. */
    private void begin(Call call, boolean goesOn) {
        Object served = client.get();
        live.put(call, served == null ? this : served);
        Function<KimiException.Details, KimiException> reason = rejection;
        if (reason == null || goesOn && !closed) {
            call.start();
        } else {
            call.cancel(reason);
        }
    }

    /**
     * An attempt is over for its call but not for its connection: lets the last bytes come, so that the connection can
     * serve again, but neither long nor many.
     */
    private void linger(Attempt attempt) {
        if (attempt.isOver()) {
            return;
        }
        lingering.add(attempt);
        try {
            Timer.Timeout patience = settings.timer().schedule(LINGER_NANOS, attempt::abort);
            attempt.whenOver(() -> {
                patience.cancel();
                lingering.remove(attempt);
            });
            attempt.request(LINGER_CHUNKS);
        } catch (IllegalStateException closing) {
            lingering.remove(attempt);
            attempt.abort();
        }
    }

    /** Calls that have not ended. */
    public int liveCalls() {
        return (int) live.keySet().stream()
                .filter(call -> call.state() != CallState.DONE)
                .count();
    }

    /** What is under way now. */
    public EngineState state() {
        return EngineState.of(live.keySet(), lingering.size());
    }

    /** What has not ended, in the order of making. */
    public List<OpenCall> openCalls() {
        List<OpenCall> under = live.keySet().stream()
                .filter(call -> call.state() != CallState.DONE)
                .map(Call::open)
                .toList();
        return OpenCall.listOf(under, leaks);
    }

    /**
     * Rejects calls from now on, and closes when those under way have ended, or when the time is over, which cancels
     * them. Of several limits the one that is over first holds.
     *
     * @param limit time for the calls under way; zero or less for none
     * @return whether all calls had ended by themselves, when it is closed; completed on the callback executor
     */
    public CompletableFuture<Boolean> shutdown(Duration limit) {
        Executor executor = callbackExecutor();
        Drain current = drain(executor);
        CallFuture<Boolean> result = new CallFuture<>();
        current.whenOver(all -> result.succeed(all, executor));
        drained();
        current.endWithin(limit);
        return result;
    }

    private synchronized Drain drain(Executor executor) {
        Drain current = drain;
        if (current == null) {
            current = new Drain(settings.timer(), settings.time(), executor, this::cancelAll, this::closeParts);
            drain = current;
            if (rejection == null) {
                rejection = Failures::shuttingDown;
            }
        }
        return current;
    }

    /** Not by their number, which is no snapshot while calls come and go; but a call that goes on is met. */
    private void drained() {
        Drain current = drain;
        if (current != null && !live.keySet().iterator().hasNext()) {
            current.allEnded();
        }
    }

    /** Cancels everything, and closes what it owns. */
    @Override
    public void close() {
        Drain current;
        synchronized (this) {
            current = drain;
            if (rejection == null) {
                rejection = Failures::closed;
            }
        }
        if (current != null) {
            current.cutShort();
        } else if (!closed) {
            cancelAll(Failures::closed);
        }
        closeParts();
    }

    /** @return whether there was nothing to cancel, since all calls had ended */
    private boolean cancelAll(Function<KimiException.Details, KimiException> reason) {
        cancelledBy = reason;
        closed = true;
        List<Call> under = live.keySet().stream()
                .filter(call -> call.state() != CallState.DONE)
                .toList();
        // those that wait for a connection go first, or they would be given those that the others let go of
        under.stream().filter(Call::waitsForConnection).forEach(call -> call.cancel(reason));
        under.forEach(call -> call.cancel(reason));
        lingering.forEach(Attempt::abort);
        return under.isEmpty();
    }

    private void closeParts() {
        closed = true;
        if (partsClosed.compareAndSet(false, true)) {
            lingering.forEach(Attempt::abort);
            closeOwned.run();
        }
    }

    /** What it was given once. */
    public EngineSettings settings() {
        return settings;
    }

    /** The client's name. */
    public String name() {
        return settings.name();
    }

    /** Where the code of this thread's caller runs, with its context: to be asked for when a call is made. */
    public Executor callbackExecutor() {
        return settings.callbacks().ofThisThread();
    }
}
