package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.KimiException;
import dev.kimi.event.CallListener;
import dev.kimi.event.CallObserver;
import dev.kimi.internal.leak.Leaks;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.quota.Quota;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.time.Timeouts;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportRequest;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/** An engine on virtual time over a scripted transport, with chance that always gives the largest wait. */
final class EngineFixture {

    final VirtualTime time = new VirtualTime();
    final ScriptedTransport transport = new ScriptedTransport();
    final List<CallListener> listeners = new ArrayList<>();
    CredentialsProvider credentials = CredentialsProvider.apiKey("sk-test");
    RetryPolicy retryPolicy = RetryPolicy.standard(3, Duration.ofSeconds(60));
    Quota quota = Quota.unlimited();
    Timeouts timeouts = Timeouts.defaults();
    Executor callbacks = Runnable::run;
    UnaryOperator<Executor> callbackContext = UnaryOperator.identity();
    RandomGenerator random = LARGEST;
    Protocol protocol = new LineProtocol();
    boolean replayOnIdleClose = true;
    Leaks leaks = new Leaks("default", true, false);

    /** Just below 1, so that jitter comes out at its largest. */
    private static final RandomGenerator LARGEST = () -> -1L;

    Engine engine() {
        return engineOver(transport);
    }

    Engine engineOver(BiFunction<TransportRequest, ExchangeHandler, Exchange> send) {
        return engineOver(new Transport() {
            @Override
            public Exchange send(TransportRequest request, ExchangeHandler handler) {
                return send.apply(request, handler);
            }

            @Override
            public void close() {}
        });
    }

    private Engine engineOver(Transport used) {
        return new Engine(
                new EngineSettings(
                        "default",
                        "kimi-k3",
                        URI.create("https://kimi.test"),
                        timeouts,
                        List.copyOf(listeners),
                        new Callbacks("default", callbacks, ForkJoinPool.commonPool(), callbackContext),
                        time,
                        time,
                        true,
                        random),
                new EngineParts(protocol, used, true, credentials, retryPolicy, replayOnIdleClose, quota, "test/1"),
                leaks);
    }

    CompletableFuture<ChatResponse> chat(Engine engine) {
        return engine.chat(ChatRequest.of("hello"), CallObserver.NONE, Runnable::run);
    }

    CompletableFuture<ChatResponse> chat(Engine engine, Duration deadline) {
        return engine.chat(
                ChatRequest.builder().user("hello").deadline(deadline).build(), CallObserver.NONE, Runnable::run);
    }

    ChatStream stream(Engine engine) {
        return engine.stream(ChatRequest.of("hello"));
    }

    /** What a call failed with, which has ended. */
    static KimiException failureOf(CompletableFuture<?> call) {
        assertThat(call).isCompletedExceptionally();
        return (KimiException) call.handle((value, failure) -> failure).join();
    }

    /** Nothing of any call is left: no call, nobody waiting, no timer. */
    void assertNothingIsLeft(Engine engine) {
        assertThat(engine.liveCalls()).as("calls").isZero();
        assertThat(engine.queuedCalls()).as("queued calls").isZero();
        assertThat(time.pending()).as("timers").isZero();
    }
}
