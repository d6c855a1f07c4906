package dev.kimi.test;

import dev.kimi.BatchOptions;
import dev.kimi.BatchRun;
import dev.kimi.Diagnostics;
import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.KimiException;
import dev.kimi.error.RejectedException;
import dev.kimi.relay.RelayForm;
import dev.kimi.relay.RelayRequest;
import dev.kimi.relay.RelayResponse;
import dev.kimi.relay.RelayTarget;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceResponse;
import dev.kimi.service.ServiceStream;
import dev.kimi.transport.Headers;
import dev.kimi.transport.PoolState;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A client without a service, for unit tests of code that uses one: it replies as scripted, in that order, and
 * remembers what it was asked.
 *
 * <pre>{@code
 * FakeKimiClient kimi = new FakeKimiClient();
 * kimi.reply("Rayleigh scattering.").fail(new OverloadedException("busy", KimiException.Details.NONE, null));
 *
 * assertThat(new Assistant(kimi).ask("Why is the sky blue?")).isEqualTo("Rayleigh scattering.");
 * assertThat(kimi.requests().get(0).messages()).hasSize(1);
 * }</pre>
 *
 * <p>Nothing of the engine takes part: what is scripted is what the call ends with, without retries, quota, timeouts or
 * events of listeners; use {@link KimiSimulator} where those matter. Futures are completed, and subscribers called, on
 * the thread that asks. It may block on any thread. A bulk run makes one call after another. Thread-safe.
 */
public final class FakeKimiClient implements KimiClient {

    private final String name;
    private final Deque<Function<ChatRequest, FakeReply>> script = new ArrayDeque<>();
    private final List<ChatRequest> requests = new ArrayList<>();
    private final List<ChatRequest> countedRequests = new ArrayList<>();
    private final List<ServiceRequest> serviceRequests = new ArrayList<>();
    private final Map<String, FakeEndpoint> endpoints = new HashMap<>();
    private final Set<Runnable> underWay = ConcurrentHashMap.newKeySet();
    private final Set<FakeItems<?>> streams = ConcurrentHashMap.newKeySet();
    private Function<ChatRequest, FakeReply> otherwise = FakeKimiClient::unscripted;
    private ToLongFunction<ChatRequest> tokens = FakeKimiClient::uncounted;
    private List<ModelCard> models = List.of();
    private int cancelled;
    /** Why calls are rejected, or null while none is. */
    private volatile RejectedException.@Nullable Reason rejects;

    /** A client of the name {@code default}. */
    public FakeKimiClient() {
        this("default");
    }

    /** A client of that {@linkplain #name() name}. */
    public FakeKimiClient(String name) {
        this.name = Objects.requireNonNull(name, "name");
    }

    // --- what it does ------------------------------------------------------------------------------------------

    /** The next calls, streamed or not, get these texts, one each. */
    public FakeKimiClient reply(String... texts) {
        for (String text : texts) {
            reply(responseOf(text));
        }
        return this;
    }

    /**
     * The next call gets that response. A stream gets its text word by word; see {@link #fail(KimiException,
     * ChatEvent...)} for one that breaks off.
     */
    public FakeKimiClient reply(ChatResponse response) {
        return next(request -> FakeReply.of(response));
    }

    /** The next call gets what is made of its request; the function may throw a {@link KimiException}. */
    public FakeKimiClient reply(Function<? super ChatRequest, ChatResponse> response) {
        return next(request -> FakeReply.of(response.apply(request)));
    }

    /**
     * The next call fails.
     *
     * @param before what a stream hands out first; otherwise of no effect
     */
    public FakeKimiClient fail(KimiException failure, ChatEvent... before) {
        FakeReply reply = FakeReply.failing(failure, List.of(before));
        return next(request -> reply);
    }

    /** The next call gets nothing until it is cancelled, its thread is interrupted, or the client is closed. */
    public FakeKimiClient hang() {
        return next(request -> FakeReply.NEVER);
    }

    /**
     * Calls for which nothing is scripted get what is made of their request; without this they fail with
     * {@link IllegalStateException}.
     */
    public synchronized FakeKimiClient otherwise(Function<? super ChatRequest, ChatResponse> response) {
        otherwise = request -> FakeReply.of(response.apply(request));
        return this;
    }

    /** What {@link #models()} and {@link #modelCard} give from now on; nothing is known by default. */
    public synchronized FakeKimiClient models(ModelCard... cards) {
        models = List.of(cards);
        return this;
    }

    /** What {@link #countTokens} gives from now on; without this it fails with {@link IllegalStateException}. */
    public FakeKimiClient tokens(long count) {
        return tokens(request -> count);
    }

    /** What {@link #countTokens} makes of a request from now on; the function may throw a {@link KimiException}. */
    public synchronized FakeKimiClient tokens(ToLongFunction<? super ChatRequest> count) {
        tokens = count::applyAsLong;
        return this;
    }

    /**
     * What every {@link #exchange} and {@link #exchangeStream} of that method and path gets, with status 200; any other
     * fails.
     */
    public FakeKimiClient endpoint(String method, String path, String body) {
        return endpoint(method, path, new ServiceResponse(200, Headers.empty(), body.getBytes(StandardCharsets.UTF_8)));
    }

    /** What every {@link #exchange} and {@link #exchangeStream} of that method and path gets; any other fails. */
    public FakeKimiClient endpoint(String method, String path, ServiceResponse response) {
        return endpoint(method, path, new FakeEndpoint(response, null));
    }

    /**
     * What every {@link #exchange} and {@link #exchangeStream} of that method and path fails with.
     *
     * @param before what a streamed exchange hands out first; nothing, and it fails before it has a stream
     */
    public FakeKimiClient endpoint(String method, String path, KimiException failure, String before) {
        ServiceResponse begun = new ServiceResponse(200, Headers.empty(), before.getBytes(StandardCharsets.UTF_8));
        return endpoint(method, path, new FakeEndpoint(begun, Objects.requireNonNull(failure, "failure")));
    }

    private synchronized FakeKimiClient endpoint(String method, String path, FakeEndpoint endpoint) {
        endpoints.put(method + " " + path, endpoint);
        return this;
    }

    private synchronized FakeKimiClient next(Function<ChatRequest, FakeReply> reply) {
        script.add(reply);
        return this;
    }

    // --- what it was asked -------------------------------------------------------------------------------------

    /** The requests so far, in order, those of streams and bulk runs among them. A copy. */
    public synchronized List<ChatRequest> requests() {
        return List.copyOf(requests);
    }

    /** The requests whose tokens were counted so far, in order. A copy. */
    public synchronized List<ChatRequest> countedRequests() {
        return List.copyOf(countedRequests);
    }

    /** The requests to other endpoints so far, in order. A copy. */
    public synchronized List<ServiceRequest> serviceRequests() {
        return List.copyOf(serviceRequests);
    }

    /** How many calls were cancelled: futures, streams closed before their end, and what the client's end cut. */
    public synchronized int cancelledCalls() {
        return cancelled;
    }

    // --- the client --------------------------------------------------------------------------------------------

    @Override
    public ChatResponse chat(ChatRequest request) {
        return await(chatAsync(request));
    }

    @Override
    public CompletableFuture<ChatResponse> chatAsync(ChatRequest request) {
        CompletableFuture<ChatResponse> future = new CompletableFuture<>();
        FakeReply reply;
        try {
            reply = take(request);
        } catch (KimiException e) {
            return CompletableFuture.failedFuture(e);
        }
        if (reply.failure() != null) {
            future.completeExceptionally(reply.failure());
        } else if (reply.response() != null) {
            future.complete(reply.response());
        } else {
            return hanging();
        }
        return future;
    }

    private <T> CompletableFuture<T> hanging() {
        CompletableFuture<T> future = new CompletableFuture<>();
        Runnable cut = () -> future.completeExceptionally(cancelled("its client was closed"));
        underWay.add(cut);
        future.whenComplete((response, failure) -> {
            underWay.remove(cut);
            countCancelled();
        });
        if (rejects != null) {
            cut.run();
        }
        return future;
    }

    @Override
    public ChatStream stream(ChatRequest request) {
        FakeReply reply;
        try {
            reply = take(request);
        } catch (KimiException e) {
            reply = FakeReply.failing(e, List.of());
        }
        FakeStream stream = new FakeStream(reply, this::streamCancelled);
        streams.add(stream);
        return stream;
    }

    private void streamCancelled(FakeItems<?> stream) {
        streams.remove(stream);
        countCancelled();
    }

    private FakeReply take(ChatRequest request) {
        Objects.requireNonNull(request, "request");
        return next(request).apply(request);
    }

    private synchronized Function<ChatRequest, FakeReply> next(ChatRequest request) {
        checkOpen();
        requests.add(request);
        return script.isEmpty() ? otherwise : script.remove();
    }

    @Override
    public long countTokens(ChatRequest request) {
        return counter(request).applyAsLong(request);
    }

    private synchronized ToLongFunction<ChatRequest> counter(ChatRequest request) {
        checkOpen();
        countedRequests.add(request);
        return tokens;
    }

    @Override
    public CompletableFuture<Long> countTokensAsync(ChatRequest request) {
        return completed(() -> countTokens(request));
    }

    @Override
    public synchronized List<ModelCard> models() {
        checkOpen();
        return models;
    }

    @Override
    public synchronized ModelCard modelCard(String id) {
        return models.stream()
                .filter(card -> card.id().equals(id))
                .findFirst()
                .orElseGet(() -> ModelCard.builder(id).build());
    }

    @Override
    public CompletableFuture<List<ModelCard>> modelsAsync() {
        return completed(this::models);
    }

    @Override
    public ServiceResponse exchange(ServiceRequest request) {
        FakeEndpoint endpoint = endpoint(request);
        if (endpoint.failure() != null) {
            return endpoint.error(request, endpoint.failure());
        }
        return endpoint.response();
    }

    private synchronized FakeEndpoint endpoint(ServiceRequest request) {
        checkOpen();
        serviceRequests.add(request);
        FakeEndpoint endpoint = endpoints.get(request.method() + " " + request.path());
        if (endpoint == null) {
            throw new IllegalStateException(
                    "nothing is scripted for " + request.method() + " " + request.path() + ": call endpoint(…) before");
        }
        return endpoint;
    }

    @Override
    public ServiceStream exchangeStream(ServiceRequest request) {
        FakeEndpoint endpoint = endpoint(request);
        KimiException failure = endpoint.failure();
        FakeServiceStream stream = failure == null || endpoint.response().body().length > 0
                ? new FakeServiceStream(endpoint.response(), failure, this::streamCancelled)
                : new FakeServiceStream(endpoint.error(request, failure), null, this::streamCancelled);
        streams.add(stream);
        return stream;
    }

    @Override
    public CompletableFuture<ServiceStream> exchangeStreamAsync(ServiceRequest request) {
        return completed(() -> exchangeStream(request));
    }

    @Override
    public CompletableFuture<ServiceResponse> exchangeAsync(ServiceRequest request) {
        return completed(() -> exchange(request));
    }

    private static <T> CompletableFuture<T> completed(Supplier<T> value) {
        try {
            return CompletableFuture.completedFuture(value.get());
        } catch (KimiException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Replies with what is scripted for {@link #chat} and {@link #stream}, as an endpoint of protocol {@code fake} that
     * the request has to be translated for; the translated chat is among {@link #requests()}. A scripted failure with a
     * status from 400 on is an error response without a body, any other fails the future; one with events before it
     * ends a stream that has begun.
     *
     * @throws IllegalStateException if the request is not translated
     */
    @Override
    public CompletableFuture<RelayResponse> relay(RelayRequest request) {
        String model = Objects.requireNonNullElse(request.model(), model());
        RelayTarget here = new RelayTarget(name, FakeRelayResponse.PROTOCOL, "", model, modelCard(model));
        FakeReply reply;
        RelayForm.Translated asked;
        try {
            asked = FakeRelayResponse.translated(request.formFor(here));
            reply = take(asked.chat());
        } catch (KimiException e) {
            return CompletableFuture.failedFuture(e);
        }
        KimiException failure = reply.failure();
        boolean begun = request.streamed() && !reply.events().isEmpty();
        if (failure != null && failure.status() < 400 && !begun) {
            return CompletableFuture.failedFuture(failure);
        } else if (!reply.ends()) {
            return hanging();
        }
        FakeRelayResponse response =
                FakeRelayResponse.of(here, asked, reply, request.streamed(), this::streamCancelled);
        streams.add(response);
        return CompletableFuture.completedFuture(response);
    }

    @Override
    public BatchRun batch(Iterable<ChatRequest> requests, BatchOptions options) {
        return batch(requests);
    }

    @Override
    public BatchRun batch(Iterable<ChatRequest> requests) {
        return new FakeBatch(requests.iterator(), this::chat);
    }

    @Override
    public PoolState pool() {
        return PoolState.UNKNOWN;
    }

    @Override
    public Diagnostics diagnostics() {
        return new Diagnostics(new Diagnostics.Calls(0, 0, 0, 0, 0), 0, 0, 500, 0, 0, pool(), List.of());
    }

    @Override
    public String name() {
        return name;
    }

    /**
     * Calls made from now on are rejected as those of a client that is shutting down. A fake has no clock: what hangs
     * is cancelled at once, as if the limit had passed. Streams have all of their events already, and can be read.
     */
    @Override
    public CompletableFuture<Boolean> shutdown(Duration limit) {
        rejectFor(RejectedException.Reason.SHUTTING_DOWN);
        return CompletableFuture.completedFuture(!cutUnderWay());
    }

    /** Cancels what hangs; calls made from now on fail as those of a closed client do. */
    @Override
    public void close() {
        rejectFor(RejectedException.Reason.CLOSED);
        cutUnderWay();
        List.copyOf(streams).forEach(FakeItems::close);
        streams.clear();
    }

    private boolean cutUnderWay() {
        List<Runnable> hanging = List.copyOf(underWay);
        hanging.forEach(Runnable::run);
        return !hanging.isEmpty();
    }

    @Override
    public String toString() {
        return "FakeKimiClient[" + name + "]";
    }

    private synchronized void rejectFor(RejectedException.Reason reason) {
        rejects = rejects == null ? reason : rejects;
    }

    private void checkOpen() {
        if (rejects != null) {
            String what = rejects == RejectedException.Reason.CLOSED ? "closed" : "shutting down";
            throw new RejectedException("The client is " + what + ".", KimiException.Details.NONE, rejects, null);
        }
    }

    private synchronized void countCancelled() {
        cancelled++;
    }

    private static ChatResponse await(CompletableFuture<ChatResponse> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw cancelled("its thread was interrupted");
        } catch (CancellationException e) {
            throw cancelled("its future was cancelled");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KimiException failure) {
                throw failure;
            }
            throw new IllegalStateException("a scripted reply failed with something that is no failure of a call", e);
        }
    }

    private static CallCancelledException cancelled(String by) {
        return new CallCancelledException("The call was cancelled: " + by + ".", KimiException.Details.NONE, null);
    }

    private static ChatResponse responseOf(String text) {
        return ChatResponse.builder(Message.assistant(text))
                .finishReason(FinishReason.STOP)
                .build();
    }

    private static long uncounted(ChatRequest request) {
        throw new IllegalStateException("nothing is scripted for countTokens: call tokens(…) before it");
    }

    private static FakeReply unscripted(ChatRequest request) {
        throw new IllegalStateException("nothing is scripted for this call: call reply(…), fail(…) or hang() before it,"
                + " or otherwise(…) for all");
    }
}
