package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.KimiException;
import dev.kimi.event.CallListener;
import dev.kimi.event.CallObserver;
import dev.kimi.internal.endpoint.Account;
import dev.kimi.internal.endpoint.BookingPolicy;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.EndpointSettings;
import dev.kimi.internal.endpoint.FailoverRouter;
import dev.kimi.internal.endpoint.ModelNames;
import dev.kimi.internal.endpoint.RetrySettings;
import dev.kimi.internal.endpoint.Router;
import dev.kimi.internal.governor.Governor;
import dev.kimi.internal.governor.LimitGate;
import dev.kimi.internal.governor.LimitTarget;
import dev.kimi.internal.leak.Leaks;
import dev.kimi.internal.model.ModelCards;
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
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

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
    BookingPolicy booking = BookingPolicy.CAP_BOOKED;
    URI baseUri = URI.create("https://kimi.test");
    boolean replayOnIdleClose = true;
    private @Nullable Account account;
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
        account = new Account("default", quota, time, time, random);
        Endpoint endpoint = endpoint("default", used, account);
        return engineOver(new FailoverRouter(List.of(endpoint), time, random), used);
    }

    ModelCards cards = new ModelCards.Settings().cards();

    Endpoint endpoint(String name, Transport used, Account charged) {
        return endpoint(name, ModelNames.asAsked("kimi-k3"), used, charged);
    }

    Endpoint endpoint(String name, ModelNames models, Transport used, Account charged) {
        EndpointSettings place = new EndpointSettings(
                name,
                baseUri,
                protocol,
                true,
                models,
                cards,
                "test/1",
                booking,
                new RetrySettings(retryPolicy, replayOnIdleClose, random));
        return new Endpoint(place, charged, credentials, used);
    }

    Engine engineOver(Router router, Transport owned) {
        EngineSettings settings = new EngineSettings(
                "default",
                timeouts,
                List.copyOf(listeners),
                new CallbackExecutors("default", callbacks, ForkJoinPool.commonPool(), callbackContext),
                time,
                time);
        Runnable close = () -> {
            owned.close();
            time.close();
        };
        return new Engine(settings, router, close, leaks);
    }

    /** The account of the engine made last. */
    Account account() {
        return Objects.requireNonNull(account);
    }

    Governor governor() {
        return account().governor();
    }

    /** The gate that a 429 for the whole account closes. */
    LimitGate accountGate() {
        return governor()
                .passage(new LimitTarget("https://kimi.test", null, null))
                .gates()
                .get(0);
    }

    int queuedCalls() {
        return account().admission().waiting();
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
        assertThat(queuedCalls()).as("queued calls").isZero();
        assertThat(time.pending()).as("timers").isZero();
    }
}
