package dev.kimi.observability;

import dev.kimi.BatchOptions;
import dev.kimi.BatchRun;
import dev.kimi.Diagnostics;
import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.relay.RelayRequest;
import dev.kimi.relay.RelayResponse;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceResponse;
import dev.kimi.service.ServiceStream;
import dev.kimi.transport.PoolState;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Has a name and a pool and calls nothing. */
public final class StillClient implements KimiClient {

    private final String name;
    private StillClient owner = this;
    private volatile PoolState pool = PoolState.builder()
            .active(0)
            .idle(0)
            .pending(0)
            .max(10)
            .exchanges(0)
            .build();
    private volatile List<Diagnostics.Circuit> circuits = List.of();
    private volatile long leakedStreams;
    private volatile long reclaimedClients;

    public StillClient(String name) {
        this.name = name;
    }

    public StillClient pool(PoolState state) {
        this.pool = state;
        return this;
    }

    @Override
    public PoolState pool() {
        return owner.pool;
    }

    public StillClient circuits(Diagnostics.Circuit... now) {
        this.circuits = List.of(now);
        return this;
    }

    /** Sets how many streams and, in the whole process, clients were dropped. */
    public StillClient leaks(long streams, long clients) {
        this.leakedStreams = streams;
        this.reclaimedClients = clients;
        return this;
    }

    @Override
    public Diagnostics diagnostics() {
        return new Diagnostics(
                new Diagnostics.Calls(0, 0, 0, 0, 0), 0, 0, 500, leakedStreams, reclaimedClients, pool(), circuits);
    }

    /** Makes this one report the pool of another. */
    public StillClient poolOf(StillClient other) {
        this.owner = other;
        return this;
    }

    @Override
    public boolean sharesPoolWith(KimiClient other) {
        return other instanceof StillClient still && owner == still.owner;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public CompletableFuture<Boolean> shutdown(Duration limit) {
        return CompletableFuture.completedFuture(true);
    }

    @Override
    public void close() {}

    @Override
    public ChatResponse chat(ChatRequest request) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<ChatResponse> chatAsync(ChatRequest request) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ChatStream stream(ChatRequest request) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long countTokens(ChatRequest request) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Long> countTokensAsync(ChatRequest request) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<ModelCard> models() {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<List<ModelCard>> modelsAsync() {
        throw new UnsupportedOperationException();
    }

    @Override
    public ServiceResponse exchange(ServiceRequest request) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<ServiceResponse> exchangeAsync(ServiceRequest request) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ServiceStream exchangeStream(ServiceRequest request) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<ServiceStream> exchangeStreamAsync(ServiceRequest request) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<RelayResponse> relay(RelayRequest request) {
        throw new UnsupportedOperationException();
    }

    @Override
    public BatchRun batch(Iterable<ChatRequest> requests, BatchOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public BatchRun batch(Iterable<ChatRequest> requests) {
        throw new UnsupportedOperationException();
    }
}
