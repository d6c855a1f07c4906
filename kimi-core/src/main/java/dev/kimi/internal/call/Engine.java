package dev.kimi.internal.call;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.KimiException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallObserver;
import dev.kimi.internal.governor.Governor;
import dev.kimi.internal.leak.CallMade;
import dev.kimi.internal.leak.Leaks;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.quota.Quota;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceResponse;
import dev.kimi.time.Timeouts;
import dev.kimi.time.Timer;
import dev.kimi.transport.PoolState;
import dev.kimi.transport.Transport;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** Starts calls and holds what they share. Thread-safe. */
public final class Engine implements AutoCloseable {

    static final int ANSWER_LIMIT = 32 << 20;
    static final int ERROR_BODY_LIMIT = 64 << 10;
    private static final int MOST_QUEUED = 10_000;
    private static final long LINGER_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int LINGER_CHUNKS = 64;

    private final EngineSettings settings;
    private final EngineParts parts;
    private final Planner planner;
    private final Admission admission;
    private volatile Governor governor;
    private final Leaks leaks;
    /** Calls under way, each with the client that it must keep from being reclaimed. */
    private final Map<Call, Object> live = new ConcurrentHashMap<>();

    private final Set<Attempt> lingering = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;
    /** Weak, since the transport and the timer hold the engine. */
    private volatile WeakReference<?> client = new WeakReference<>(null);

    public Engine(EngineSettings settings, EngineParts parts, Leaks leaks) {
        this.settings = settings;
        this.parts = parts;
        this.leaks = leaks;
        this.planner = new Planner(parts.protocol(), parts.userAgent(), settings);
        this.admission = new Admission(this, MOST_QUEUED);
        this.governor = newGovernor();
    }

    private Governor newGovernor() {
        return new Governor(settings.time(), settings.timer(), settings.random());
    }

    /**
     * Lets calls begin from now on as if none had been made before. Calls under way keep what they share: what they
     * still learn is of the time before.
     */
    public void resetLimits() {
        governor = newGovernor();
        leaks.rememberPlacesAgain();
        quota().reset();
        admission.settled();
    }

    /** Names the client that the program holds. It is not reclaimed while a call is under way, dropped or not. */
    public void serves(Object facade) {
        this.client = new WeakReference<>(facade);
    }

    /**
     * Asks for a whole answer.
     *
     * @param own an observer for this call only
     * @param executor where the future is completed
     */
    public CompletableFuture<ChatResponse> chat(ChatRequest request, CallObserver own, Executor executor) {
        CallPlan plan;
        try {
            plan = planner.chat(request, false);
        } catch (KimiException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        return start(
                plan,
                new WholeAnswer<>(
                        (status, headers, body, context) -> protocol().decode(headers, body, context), executor),
                own);
    }

    /** Asks for a streamed answer. */
    public ChatStream stream(ChatRequest request) {
        CallPlan plan = planner.chat(request, true);
        CallMade made = leaks.streamMade();
        StreamAnswer stream = new StreamAnswer(protocol(), request.tools(), callbackExecutor(), leaks, made);
        Call call = call(plan, stream, CallObserver.NONE, made);
        stream.of(call);
        ChatStream handle = new StreamHandle(stream, leaks);
        begin(call);
        return handle;
    }

    /** Asks for the models on offer. */
    public CompletableFuture<List<ModelCard>> models(Executor executor) {
        return start(
                planner.models(),
                new WholeAnswer<>((status, headers, body, context) -> protocol().decodeModels(body, context), executor),
                CallObserver.NONE);
    }

    /** Calls any endpoint. */
    public CompletableFuture<ServiceResponse> exchange(ServiceRequest request, Executor executor) {
        return start(
                planner.exchange(request),
                new WholeAnswer<>(
                        (status, headers, body, context) -> new ServiceResponse(status, headers, copy(body)), executor),
                CallObserver.NONE);
    }

    private static byte[] copy(ByteBuffer body) {
        int from = body.arrayOffset() + body.position();
        return Arrays.copyOfRange(body.array(), from, from + body.remaining());
    }

    private <T> CompletableFuture<T> start(CallPlan plan, WholeAnswer<T> answer, CallObserver own) {
        Call call = call(plan, answer, own, leaks.callMade());
        answer.future().of(call);
        begin(call);
        return answer.future();
    }

    private Call call(CallPlan plan, Answer answer, CallObserver own, CallMade made) {
        CallObserver observer =
                Observers.of(settings.listeners(), own, new CallEvent.Started(name(), plan.operation(), plan.model()));
        return new Call(this, plan, answer, observer, made);
    }

    private void begin(Call call) {
        Object served = client.get();
        live.put(call, served == null ? this : served);
        if (closed) {
            cancelClosed(call);
        } else {
            call.start();
        }
    }

    /**
     * An attempt is over for its call but not for its connection: lets the last bytes come, so that the connection can
     * serve again, but neither long nor many.
     */
    void linger(Attempt attempt) {
        if (attempt.isOver()) {
            return;
        }
        lingering.add(attempt);
        try {
            Timer.Timeout patience = timer().schedule(LINGER_NANOS, attempt::abort);
            attempt.whenOver(() -> {
                patience.cancel();
                lingering.remove(attempt);
            });
            attempt.request(LINGER_CHUNKS);
        } catch (IllegalStateException closing) {
            attempt.abort();
        }
    }

    void ended(Call call) {
        live.remove(call);
    }

    /** Calls that have not ended. */
    public int liveCalls() {
        return live.size();
    }

    /** What is under way now. */
    public EngineState state() {
        return EngineState.of(live.keySet(), lingering.size(), governor.budget().available());
    }

    /** What has not ended, in the order of making. */
    public List<OpenCall> openCalls() {
        return OpenCall.listOf(live.keySet(), leaks);
    }

    /** Calls that wait for quota. */
    public int queuedCalls() {
        return admission.waiting();
    }

    /** The connection pool. */
    public PoolState pool() {
        return transport().pool();
    }

    /** True when both send over the same transport. */
    public boolean sharesPoolWith(Engine other) {
        return sharesPoolWith(other.transport());
    }

    /** True when it sends over that transport. */
    public boolean sharesPoolWith(Transport other) {
        return transport() == other;
    }

    /** Cancels everything, and closes what it owns. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        List<Call> under = List.copyOf(live.keySet());
        // those that wait for a connection go first, or they would be given those that the others let go of
        under.stream().filter(Call::waitsForConnection).forEach(Engine::cancelClosed);
        under.forEach(Engine::cancelClosed);
        lingering.forEach(Attempt::abort);
        if (parts.ownsTransport()) {
            transport().close();
        }
        if (settings.ownsTimer()) {
            timer().close();
        }
    }

    private static void cancelClosed(Call call) {
        call.cancel(Failures::closed);
    }

    boolean closed() {
        return closed;
    }

    /** What it was told once. */
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

    boolean replaysOnIdleClose() {
        return parts.replayOnIdleClose();
    }

    Planner planner() {
        return planner;
    }

    Timeouts timeouts() {
        return settings.timeouts();
    }

    Timer timer() {
        return settings.timer();
    }

    RandomGenerator random() {
        return settings.random();
    }

    long nanoTime() {
        return settings.time().nanoTime();
    }

    Instant now() {
        return settings.time().now();
    }

    Protocol protocol() {
        return parts.protocol();
    }

    Transport transport() {
        return parts.transport();
    }

    CredentialsProvider credentials() {
        return parts.credentials();
    }

    RetryPolicy retryPolicy() {
        return parts.retryPolicy();
    }

    Quota quota() {
        return parts.quota();
    }

    Admission admission() {
        return admission;
    }

    Governor governor() {
        return governor;
    }
}
