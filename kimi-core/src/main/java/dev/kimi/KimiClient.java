package dev.kimi;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.internal.util.EventLoops;
import dev.kimi.relay.RelayRequest;
import dev.kimi.relay.RelayResponse;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceResponse;
import dev.kimi.service.ServiceStream;
import dev.kimi.time.Timeouts;
import dev.kimi.transport.PoolState;
import dev.kimi.transport.Transport;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Talks to Kimi. Thread-safe; make one per account and keep it. Every form of a call runs through the same asynchronous
 * engine, so all have the same credentials, quota, retries, timeouts, cancellation and events.
 *
 * <p>All failures are unchecked and below {@link dev.kimi.error.KimiException}. Cancelling a returned future, closing a
 * stream, interrupting a blocked thread and closing the client are the same cancel: the exchange with the service is
 * aborted, nothing more is sent, and the caller is not blocked.
 *
 * <p>What blocks must not be called on a thread of an event loop (of Vert.x, Netty or Reactor, or this library's own,
 * where callbacks run with {@code callbackExecutor(Runnable::run)}): it throws {@link IllegalStateException} there
 * instead of waiting for a response that may need that very thread, and nothing is sent. That goes for {@link #chat},
 * {@link #countTokens}, {@link #models}, {@link #exchange}, {@link #exchangeStream}, {@code join} and {@code get} of a
 * future of this client or of a stage derived from it, and for iterating a stream or a bulk run. Worker threads and
 * virtual threads may block.
 *
 * <p>Close the client. One that is dropped instead is closed once the garbage collector finds it, which may take long,
 * and a warning says where it was made; see {@link KimiClientBuilder#leakDetection}. While a call of it is under way,
 * it does not count as dropped.
 *
 * <pre>{@code
 * try (KimiClient kimi = KimiClient.builder().apiKey(key).build()) {
 *     show(kimi.chat("Why is the sky blue?").text());
 * }
 * }</pre>
 *
 * <p>Not meant to be implemented: any release may add methods. A test that needs a client without a service takes
 * {@code FakeKimiClient} of {@code kimi-test}; what is to happen around each call belongs in a
 * {@link dev.kimi.event.CallListener} or a {@link Transport}.
 */
public interface KimiClient extends AutoCloseable {

    /** Starts with the defaults and the built-in providers. */
    static KimiClientBuilder builder() {
        return new KimiClientBuilder();
    }

    /**
     * To be called by helpers before they block the current thread until something happens that a call brings about.
     *
     * @throws IllegalStateException on a thread of an event loop, with what to do instead
     */
    static void checkMayBlock() {
        EventLoops.checkMayWait();
    }

    /** Sends one user message to the default model, blocking until the whole response is there. */
    default ChatResponse chat(String userText) {
        return chat(ChatRequest.of(userText));
    }

    /**
     * Asks, blocking until the whole response is there. An interrupt cancels the call, keeps the interrupt flag and
     * throws {@link dev.kimi.error.CallCancelledException}.
     *
     * @throws IllegalStateException on a thread of an event loop
     */
    ChatResponse chat(ChatRequest request);

    /**
     * Asks without blocking. The future fails with an exception below {@link dev.kimi.error.KimiException} and runs
     * dependent stages on the client's callback executor. Cancelling this very future cancels the call; cancelling a
     * stage derived from it does not.
     */
    CompletableFuture<ChatResponse> chatAsync(ChatRequest request);

    /** Asks for the response as it arrives. Returns at once; the call begins now. Close the stream. */
    ChatStream stream(ChatRequest request);

    /**
     * How many tokens the model would read of the request: the service counts them, without running the model,
     * blocking. Model and checks are those of {@link #chat} of the same request; it costs a request of the account's
     * limits, and no tokens. Claude counts all of the input, with tools. Kimi counts the messages only: what tools add
     * is missing, and an event {@link dev.kimi.event.CallEvent.Noted} says so. The count is an estimate; what a call
     * used is in its {@link ChatResponse#usage()}.
     *
     * <pre>{@code
     * if (kimi.countTokens(request) > 100_000) {
     *     request = shortened(request);
     * }
     * }</pre>
     *
     * @throws dev.kimi.error.InvalidRequestException with reason {@code NOT_OFFERED} if the service has no such count,
     *     as Kimi's {@code /anthropic} has none; otherwise as {@link #chat} does
     * @throws IllegalStateException on a thread of an event loop
     */
    long countTokens(ChatRequest request);

    /** Counts without blocking: see {@link #countTokens}, and {@link #chatAsync} for failures and cancelling. */
    CompletableFuture<Long> countTokensAsync(ChatRequest request);

    /**
     * The models that the service offers, all of them, with all that is known of them, blocking. What the service says
     * of them holds for the client's checks from then on, unless settings say otherwise.
     *
     * @throws IllegalStateException on a thread of an event loop
     */
    List<ModelCard> models();

    /** The models that the service offers, without blocking; see {@link #chatAsync} for failures and cancelling. */
    CompletableFuture<List<ModelCard>> modelsAsync();

    /**
     * What is known of a model without a call: limits, rules and prices, see {@link ModelCard}. Once {@link #models()}
     * was called, also what the service said then. Of a model that nobody knows the card has the name, and an
     * implementation that does not say knows none. Thread-safe, does not block.
     *
     * @param id its name in requests
     */
    default ModelCard modelCard(String id) {
        return ModelCard.builder(id).build();
    }

    /**
     * Calls any endpoint of the service, blocking until the whole response is there; see {@link #chat} for interrupts.
     *
     * @throws IllegalStateException on a thread of an event loop
     */
    ServiceResponse exchange(ServiceRequest request);

    /** Calls any endpoint of the service without blocking; see {@link #chatAsync} for failures and cancelling. */
    CompletableFuture<ServiceResponse> exchangeAsync(ServiceRequest request);

    /**
     * Calls any endpoint of the service for a response of any size, blocking until its status and headers are there;
     * the body is read from the stream, by demand. Close the stream. Retried like {@link #exchange} until then, and not
     * after: see {@link ServiceStream}. The deadline, by default {@code kimi.timeout.total}, is for the whole call with
     * all of the body; {@code kimi.timeout.headers} for the status and headers of each attempt. See {@link #chat} for
     * interrupts.
     *
     * @throws IllegalStateException on a thread of an event loop
     */
    ServiceStream exchangeStream(ServiceRequest request);

    /**
     * Calls any endpoint of the service for a response of any size, without blocking; the future has the stream when
     * status and headers are there. See {@link #chatAsync} for failures and cancelling; once the future is complete,
     * the stream is what cancels the call.
     */
    CompletableFuture<ServiceStream> exchangeStreamAsync(ServiceRequest request);

    /**
     * Sends on a chat request that another program wrote, without blocking: with the quota, gates, retries, fail-over
     * and metrics of a chat, until the first event of a stream, or the whole of a response that is not streamed, has
     * come. The future fails with what is below {@link dev.kimi.error.KimiException} when no service has responded; an
     * error of a service, after which nothing more is tried, is a response. See {@link #chatAsync} for cancelling; once
     * the future is complete, the response is what cancels the call.
     */
    CompletableFuture<RelayResponse> relay(RelayRequest request);

    /**
     * Asks many, at most as many at a time as the window allows.
     *
     * @param requests what to ask; read once, as places become free, on the threads that free them
     */
    BatchRun batch(Iterable<ChatRequest> requests, BatchOptions options);

    /** Asks many, with the window of the client's settings {@code kimi.batch.*}; by default 16 at a time. */
    BatchRun batch(Iterable<ChatRequest> requests);

    /** The state of the connection pool now. */
    PoolState pool();

    /** What the client is doing now, and what the program has dropped. Cheap enough for every scrape; never blocks. */
    Diagnostics diagnostics();

    /**
     * The calls that have not ended, in the order in which they were made, with the line of the program that made them.
     * Among them are streams whose response has arrived and that the program has neither read to their end nor
     * subscribed to nor closed, and the latest 100 that it dropped instead, as far as
     * {@linkplain KimiClientBuilder#leakDetection leak detection} is on. Made for tests and for finding out what a
     * program has left open; takes a snapshot of all, so not for every scrape. An implementation that does not say
     * returns an empty list. Thread-safe, does not block.
     */
    default List<Diagnostics.OpenCall> openCalls() {
        return List.of();
    }

    /**
     * Whether {@link #pool()} of both is the state of one and the same pool, as with clients that were handed the same
     * transport. Who adds pools up must count that one once.
     */
    default boolean sharesPoolWith(KimiClient other) {
        return this == other;
    }

    /** Whether {@link #pool()} is the state of that transport's pool: the client sends over it. */
    default boolean sharesPoolWith(Transport transport) {
        return false;
    }

    /** The client's name in events and metrics, {@code default} unless named. */
    String name();

    /**
     * The limits of the client's calls, unless a request brings a deadline of its own. Those in force, whether they
     * were set or are defaults; an implementation that does not say has the defaults.
     */
    default Timeouts timeouts() {
        return Timeouts.defaults();
    }

    /** The model of requests that name none. An implementation that does not say returns an empty text. */
    default String model() {
        return "";
    }

    /**
     * The protocol that the client speaks, {@code openai} or {@code anthropic}; see {@link KimiClientBuilder#protocol}.
     * An implementation that does not say returns an empty text.
     */
    default String protocol() {
        return "";
    }

    /**
     * Where the service is, without user name, query or fragment. An implementation that does not say, such as a fake
     * in a test, returns an empty URI.
     */
    default URI baseUrl() {
        return URI.create("");
    }

    /**
     * Lets calls begin from now on as if the client's account had made none before, those of other clients with the
     * same key at the same service included: the wait that a 429 asked for is over, the retry budget is full, nothing
     * is rejected because the service rejected earlier calls, and the quota is unused,
     * {@linkplain dev.kimi.quota.Quota#reset() if it can be reset}. Made for tests that share a client, which
     * {@code KimiSimulatorExtension} of {@code kimi-test} does it for; an application has a reason to call it when an
     * operator knows that the service is well again, or the account's limits were raised.
     *
     * <p>Calls under way go on as they were: one that waits for the end of a 429 waits on, and what it learns does not
     * concern calls begun later. Tokens, connections and {@link #diagnostics()}' counts of leaks are kept. An
     * implementation without such state, such as a fake, does nothing. Thread-safe, does not block.
     */
    default void resetLimits() {}

    /**
     * What a first call would have to wait for, done before it: to be called when a program starts, once for each
     * client. Thread-safe, does not block.
     *
     * <pre>{@code
     * client.warmUp(WarmUp.CALL_PATH, Duration.ofSeconds(10)).join();
     * }</pre>
     *
     * @param what how much of it
     * @param limit the longest time until the future completes; what has not come by then goes on
     * @return true if all of it was done within the limit. What failed, or is missing at the limit, is logged as a
     *     warning of {@code dev.kimi.connections}, and is left to the first call. The future fails in no case, and
     *     completes on the client's callback executor. An implementation that has nothing to prepare says true
     */
    default CompletableFuture<Boolean> warmUp(WarmUp what, Duration limit) {
        return CompletableFuture.completedFuture(true);
    }

    /** What is done before the first call, so that it need not wait for it. */
    enum WarmUp {
        /** Nothing. */
        OFF,
        /**
         * One connection to each address of the route, with DNS, TLS and the settings of HTTP/2 where there are any, is
         * opened and stays in the pool as an idle one; credentials are fetched. No request is sent to the service.
         */
        CONNECT,
        /**
         * What {@link #CONNECT} says, and the code of a call is loaded and run. Each address of the route gets one
         * request that costs nothing, for its list of models, whatever the response to it is. Chats and streamed chats
         * of the client's protocol get a response that never was at a service. Listeners, metrics, logs and quota see
         * none of them.
         */
        CALL_PATH
    }

    /**
     * Rejects calls that begin from now on with {@link dev.kimi.error.RejectedException} of reason
     * {@code SHUTTING_DOWN}, lets those that had begun end, with their retries, and closes the client as soon as they
     * have. What has not ended when the time is over is cancelled with {@link dev.kimi.error.CallCancelledException},
     * which says so. A stream has ended when its last event has arrived, read or not. Of a bulk run, items in flight
     * end, and each that has not been sent is reported as rejected.
     *
     * <pre>{@code
     * if (!client.shutdown(Duration.ofSeconds(30)).join()) {
     *     log.warn("Calls had to be cancelled.");
     * }
     * }</pre>
     *
     * <p>Thread-safe, does not block. Idempotent: of several limits the one that is over first holds, so that
     * {@link Duration#ZERO} ends a shutdown that is under way. {@link #close} does so too.
     *
     * @param limit the longest time that calls under way have; zero or less for none
     * @return whether all of them had ended by themselves; completed on the client's callback executor once the client
     *     is closed. Cancelling it changes nothing
     */
    CompletableFuture<Boolean> shutdown(Duration limit);

    /**
     * Cancels all calls under way, closes the parts that providers made for it and that are {@link AutoCloseable}, the
     * transport among them, and stops the timer. What clients of one account share, and the timer of the first of them,
     * ends with the last. What was handed in as an object stays open. Idempotent; does not wait for calls to end, as
     * {@link #shutdown} does.
     */
    @Override
    void close();
}
