package dev.kimi;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.batch.BatchWindowFactory;
import dev.kimi.chat.Provenance;
import dev.kimi.error.ConfigurationException;
import dev.kimi.event.CallListener;
import dev.kimi.internal.protocol.anthropic.MessagesProtocol.Mismatch;
import dev.kimi.quota.Quota;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.service.ModelCard;
import dev.kimi.spi.TlsMaterial;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timeouts;
import dev.kimi.time.Timer;
import dev.kimi.transport.Transport;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Makes clients. Everything but the credentials has a default. A part can be handed in as an object, or chosen by the
 * name of its provider with {@link #provider}; the object wins. Not thread-safe.
 */
public final class KimiClientBuilder {

    final EndpointDescription endpoint = new EndpointDescription();
    final List<KimiClientBuilder> failover = new ArrayList<>();
    double hedging;
    final List<CallListener> listeners = new ArrayList<>();
    Timeouts timeouts = Timeouts.defaults();

    @Nullable BatchWindowFactory batchWindows;

    Executor callbackExecutor = ForkJoinPool.commonPool();
    UnaryOperator<Executor> callbackContext = UnaryOperator.identity();
    TimeSource time = TimeSource.system();

    @Nullable Timer timer;

    @Nullable RandomGenerator random;

    LeakDetection leakDetection = LeakDetection.ON;

    KimiClientBuilder() {}

    /** How much is done to find clients and streams that the program dropped without closing them. */
    public enum LeakDetection {
        /** Nothing: what is dropped unclosed holds its connection until a time limit ends it, a client for ever. */
        OFF,
        /**
         * What is dropped is given back once the garbage collector finds it, counted, and reported as a warning of the
         * logger {@code dev.kimi.leak}; for a client with the stack of its making, for a stream with the line that made
         * it (the first 256 streams of a client and one of 64 after them) or the line that made its client. The line
         * that made any other call is remembered for the first 256 of a client, for {@link KimiClient#openCalls()}.
         * Costs a small object for each call, and microseconds for each whose line is remembered.
         */
        ON,
        /** As {@link #ON}, and warnings of streams have the stack of their making too, which costs microseconds. */
        STACK
    }

    /**
     * What is done about reasoning in a conversation when something that stands before it was changed: the system text,
     * a tool or an earlier turn. Claude's newer models reject such a request, and each one after it.
     */
    public enum ThinkingMismatch {
        /**
         * Nothing: the call fails with {@link dev.kimi.error.InvalidRequestException}, whose reason is
         * {@code REASONING_MISMATCH}.
         */
        ERROR,
        /**
         * Each request asks the service to drop such reasoning and all that comes after it, where the model thinks by
         * itself: not with thinking disabled or between tools only.
         */
        DROP_BLOCK,
        /**
         * A rejected request is sent again, once and free of charge: it asks the service to drop such reasoning or,
         * where the service cannot be asked to, has no reasoning at all.
         */
        REPAIR
    }

    /** How schemas of tools go to models that want Moonshot's flavour of JSON Schema, as Kimi's do. */
    public enum ToolSchemas {
        /** As they are given. */
        AS_IS,
        /**
         * References within a schema are written out, a type is added where there is none, and {@code title},
         * {@code format} and exclusive limits are left out or said in the description.
         */
        NORMALISED
    }

    /**
     * The client's name in events, metrics and messages. Clients with the same key at the same scheme, host and port
     * are one account, whatever they are called: they share quota, retry budget, what a 429 holds back and the
     * throttle, until the last of them is closed. Clients that were given different timers share nothing.
     *
     * @param value letters, digits, dashes; default {@code default}
     */
    public KimiClientBuilder name(String value) {
        endpoint.name = Objects.requireNonNull(value, "name");
        return this;
    }

    /** A static key; blanks around it are dropped. Null and blank mean not set. */
    public KimiClientBuilder apiKey(@Nullable String value) {
        return set(Part.AUTH, BuiltIn.ApiKey.NAME, value);
    }

    /**
     * Several static keys of the same service, each of an account of its own. Conversations, by
     * {@link dev.kimi.chat.ChatRequest#sessionId()}, are spread over them and each stays with its own, in every
     * process; other calls go to the first. Where a key is held back, rejected or out of balance, calls go on with the
     * others in their order, as with {@link #failover}. The endpoints have the client's name, and the same with
     * {@code -2}, {@code -3} and so on. An {@link #apiKey} comes before them. For a key that is a reserve, name another
     * client at the same address in {@link #failover}.
     *
     * @param values any order for conversations, that of use for others; blank and repeated ones are dropped. Default
     *     none
     */
    public KimiClientBuilder apiKeys(List<String> values) {
        endpoint.apiKeys = List.copyOf(values);
        return this;
    }

    /**
     * Where chat completions go on that fail here before anything of a response was delivered, or that would have to
     * wait for long, or while the endpoint is known to be down; in the order of the arguments. The reason is said in
     * {@link dev.kimi.chat.ChatResponse#notes()} and {@link dev.kimi.event.CallEvent.Rerouted}.
     *
     * <pre>{@code
     * KimiClient client = KimiClient.builder()
     *         .apiKey(System.getenv("KIMI_API_KEY"))
     *         .failover(KimiClient.builder().name("claude").protocol("anthropic").model("claude-sonnet-5-5")
     *                 .apiKey(System.getenv("ANTHROPIC_API_KEY")))
     *         .build();
     * }</pre>
     *
     * <p>A rejected request (400, 404, 413, 422), filtered content, what may have been worked on, and other operations
     * than chat go nowhere else. The deadline is that of the whole call; an account pays the retries made at it.
     *
     * @param others each with a name of its own. What describes an endpoint counts: address, protocol, credentials,
     *     model, cards, transport, quota and retry. All else is as set here
     */
    public KimiClientBuilder failover(KimiClientBuilder... others) {
        failover.clear();
        failover.addAll(List.of(others));
        return this;
    }

    /**
     * Sends a stream to a second endpoint of the route too, once it has waited for its first event for longer than
     * nineteen of twenty streams did at that endpoint and model: known when 20 were measured, 50 ms at least. What
     * delivers first is used, and the other attempt is aborted; its service may bill it all the same, see
     * {@link dev.kimi.event.CallEvent.Hedged}. A second attempt waits neither for quota nor for a rate limit, and goes
     * to no endpoint that is known to be down. Whole responses are not sent twice.
     *
     * @param share how many of the streams may be sent twice at most, such as {@code 0.05}; 0, the default, for none,
     *     and 0.5 at most. Counts only with {@link #failover} or {@link #apiKeys}
     */
    public KimiClientBuilder hedging(double share) {
        this.hedging = share;
        return this;
    }

    /**
     * What models are called here that are named by calls of a client for another provider, by {@link #failover}; those
     * that are missing are replaced by the {@link #model}. Does not count between endpoints of one provider.
     *
     * @param value such as {@code claude-sonnet-5-5} by {@code kimi-k3}; default none
     */
    public KimiClientBuilder modelNames(Map<String, String> value) {
        endpoint.modelNames = Map.copyOf(value);
        return this;
    }

    /** Where credentials come from. */
    public KimiClientBuilder credentials(CredentialsProvider value) {
        endpoint.credentials = Objects.requireNonNull(value, "credentials");
        return this;
    }

    /**
     * How requests are written and responses read: {@code openai} for chat completions, as Kimi and many others speak
     * them, or {@code anthropic} for Messages, as Claude and Kimi's {@code /anthropic} face speak them.
     *
     * <pre>{@code
     * KimiClient claude = KimiClient.builder()
     *         .protocol("anthropic").apiKey(System.getenv("ANTHROPIC_API_KEY")).model("claude-sonnet-5-5").build();
     * }</pre>
     *
     * @param value null, the default, means that it follows from the {@link #baseUrl}: {@code anthropic} where the host
     *     is Anthropic's or the path ends in {@code /anthropic}, else {@code openai}
     */
    public KimiClientBuilder protocol(@Nullable String value) {
        endpoint.protocol = value;
        return this;
    }

    /**
     * The protocol that a client built now would speak, by what was set so far.
     *
     * @throws dev.kimi.error.ConfigurationException if there is no such protocol
     */
    public String protocol() {
        return Destination.isMessages(endpoint.protocol, endpoint.baseUrl) ? Provenance.ANTHROPIC : Provenance.OPENAI;
    }

    /**
     * The version of the API that the header {@code anthropic-version} of the protocol {@code anthropic} names; default
     * {@code 2026-10-21}, and {@code 2023-06-01} for Kimi and for paths that end in {@code /anthropic}. From 2026-10-21
     * on the service takes no parameter of sampling, such as the temperature, no document in a turn of the assistant
     * and no citations in text of the user: requests with one are rejected here.
     *
     * @throws IllegalArgumentException if it cannot stand in a header
     */
    public KimiClientBuilder anthropicVersion(String value) {
        endpoint.anthropicVersion(value);
        return this;
    }

    /**
     * The beta features that the header {@code anthropic-beta} of the protocol {@code anthropic} names, such as
     * {@code context-management-2025-06-27}; default none. The service rejects requests that name one that it does not
     * know.
     *
     * @param values any names, in the order in which they are sent
     * @throws IllegalArgumentException if one is empty or cannot stand in the list in a header
     */
    public KimiClientBuilder anthropicBeta(List<String> values) {
        endpoint.anthropicBeta(values);
        return this;
    }

    /**
     * What is done, over the protocol {@code anthropic}, about reasoning in a conversation that is bound to other turns
     * than stand before it; default {@link ThinkingMismatch#ERROR}. What the service dropped and what was sent again is
     * said in {@link dev.kimi.chat.ChatResponse#notes()}. A request whose extra field {@code thinking} says
     * {@code prefix_mismatch_behavior} itself is sent as it is. What a model can be asked is known from its
     * {@linkplain ModelCard card}.
     */
    public KimiClientBuilder thinkingMismatch(ThinkingMismatch value) {
        endpoint.thinkingMismatch = switch (value) {
            case ERROR -> Mismatch.ERROR;
            case DROP_BLOCK -> Mismatch.DROP_BLOCK;
            case REPAIR -> Mismatch.REPAIR;
        };
        return this;
    }

    /**
     * How schemas of tools go to models that want Moonshot's flavour of JSON Schema, which are those whose
     * {@linkplain ModelCard card} says so; default {@link ToolSchemas#AS_IS}. What was changed is said in
     * {@link dev.kimi.chat.ChatResponse#notes()}. A schema that refers to itself has no such form: the request is
     * rejected with the name of the tool.
     */
    public KimiClientBuilder toolSchemas(ToolSchemas value) {
        endpoint.toolSchemas = switch (value) {
            case AS_IS -> dev.kimi.internal.protocol.ToolSchemas.AS_IS;
            case NORMALISED -> dev.kimi.internal.protocol.ToolSchemas.normalised();
        };
        return this;
    }

    /** The model of requests that name none; default {@code kimi-k3}, but none for Claude: there it must be set. */
    public KimiClientBuilder model(String value) {
        endpoint.model = Objects.requireNonNull(value, "model");
        return this;
    }

    /**
     * States a fact of a model, in place of what this library brings and of what the service lists: such as the context
     * of a model that is new, or that a rule no longer holds. Wins over {@link #modelCards}.
     *
     * @param id the model's name in requests
     * @param value as text, see {@link ModelCard.Fact#read}; null and {@code unknown} mean that nobody knows, so that
     *     nothing is checked by it
     * @throws ConfigurationException if it is no value of the fact
     */
    public KimiClientBuilder modelCard(String id, ModelCard.Fact fact, @Nullable String value) {
        endpoint.cards.fact(Objects.requireNonNull(id, "id"), Objects.requireNonNull(fact, "fact"), value);
        return this;
    }

    /**
     * States facts of models by a JSON text, as in {@code {"cards":[{"models":["kimi-k9"],"context":"2M"}]}}: each card
     * names its models and any {@linkplain ModelCard.Fact#setting() facts}, null standing for what nobody knows. Of
     * several texts, the last that states a fact wins.
     *
     * @throws ConfigurationException if it cannot be read, or names what is no fact
     */
    public KimiClientBuilder modelCards(String json) {
        endpoint.cards.file(json.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /**
     * Where the service is; default {@code https://api.moonshot.ai}, or {@code https://api.anthropic.com} where the
     * {@link #protocol} is {@code anthropic}. A trailing slash and a trailing {@code /v1} are dropped, since paths
     * bring their own.
     */
    public KimiClientBuilder baseUrl(String value) {
        endpoint.baseUrl = BaseUrl.parse(value);
        return this;
    }

    /** Allows clear text to hosts other than this machine: the key can then be read on the way. Default false. */
    public KimiClientBuilder allowInsecure(boolean value) {
        endpoint.allowInsecure = value;
        return this;
    }

    /**
     * Names the program to the service: products that come before the library's own in the header {@code User-Agent} of
     * every request, as in {@code my-app/1.2 kimi-java/0.1.0 Java/17}. Default: the library's own only. A
     * {@code User-Agent} among the headers of a {@link dev.kimi.service.ServiceRequest} replaces all of them.
     *
     * @param value such as {@code my-app/1.2}; null and blank mean none
     * @throws IllegalArgumentException if it holds a control character or a character beyond Latin-1
     */
    public KimiClientBuilder userAgent(@Nullable String value) {
        endpoint.userAgent(value);
        return this;
    }

    /** The limits of the phases of a call. */
    public KimiClientBuilder timeouts(Timeouts value) {
        this.timeouts = Objects.requireNonNull(value, "timeouts");
        return this;
    }

    /** How bytes travel. The client does not close it. */
    public KimiClientBuilder transport(Transport value) {
        endpoint.transport = Objects.requireNonNull(value, "transport");
        return this;
    }

    /**
     * Whom the transport trusts, and the certificate that it shows to servers that want one, in place of what the JVM
     * trusts and none. Counts for a transport that the client makes.
     *
     * @param value asked whenever an exchange begins, from any thread, and must not block; it returns the same object
     *     as long as nothing has changed. From a change on, new connections are opened with the new material, and those
     *     there are finish what they carry
     */
    public KimiClientBuilder tls(Supplier<TlsMaterial> value) {
        endpoint.tls = Objects.requireNonNull(value, "tls");
        return this;
    }

    /** What is worth trying again. */
    public KimiClientBuilder retryPolicy(RetryPolicy value) {
        endpoint.retryPolicy = Objects.requireNonNull(value, "retryPolicy");
        return this;
    }

    /**
     * Whether a request is sent again, once in a call and free of charge, when a reused connection ended right after
     * it, before any byte of a response; default true. That is what a service does that closes an idle connection at
     * the very moment, and then it has not read the request. The price: in the rare case that it did read it and then
     * ended the connection without a response, the request is paid for twice. With false such a call fails with
     * {@link dev.kimi.error.TransportException}, {@code unprocessed()} being false.
     */
    public KimiClientBuilder replayOnIdleClose(boolean value) {
        return set(Part.RETRY, ClientAssembly.REPLAY_ON_IDLE_CLOSE, String.valueOf(value));
    }

    /**
     * What may be sent when. It holds for all clients of the same account (see {@link #name}). Where they bring
     * different limits, those of the client that was made first hold, with a warning of the logger
     * {@code dev.kimi.accounts}; when it is closed, those of the next.
     */
    public KimiClientBuilder quota(Quota value) {
        endpoint.quota = Objects.requireNonNull(value, "quota");
        return this;
    }

    /** What makes the windows of bulk runs; it gets the settings {@code kimi.batch.*}. */
    public KimiClientBuilder batchWindows(BatchWindowFactory value) {
        this.batchWindows = Objects.requireNonNull(value, "batchWindows");
        return this;
    }

    /** Adds a listener, which is notified of every call. */
    public KimiClientBuilder listener(CallListener value) {
        listeners.add(Objects.requireNonNull(value, "listener"));
        return this;
    }

    /**
     * Where stages that depend on futures run and subscribers are called; default the common pool. A thread that waits
     * in {@code join} or {@code get} of a call's own future needs no thread of it. {@code Runnable::run} saves a change
     * of threads and is right only for callbacks that never block, since they then run on the transport's threads. A
     * callback that it rejects runs on the common pool, with one warning per client.
     *
     * <p>On whatever thread, callbacks have the context class loader of the thread that made the call.
     */
    public KimiClientBuilder callbackExecutor(Executor value) {
        this.callbackExecutor = Objects.requireNonNull(value, "callbackExecutor");
        return this;
    }

    /**
     * Carries what the calling thread has in thread locals, such as logging context and the current span, to callbacks.
     * Default: nothing but the context class loader. An example, for a variable of one's own:
     *
     * <pre>{@code
     * builder.callbackContext(executor -> {
     *     String tenant = TENANT.get();
     *     return task -> executor.execute(() -> withTenant(tenant, task));
     * });
     * }</pre>
     *
     * @param value called for each call but blocking ones, on the thread that makes it, with an executor that hands
     *     tasks to the {@link #callbackExecutor}; gives the executor for the callbacks of that call. What it throws,
     *     the caller gets
     */
    public KimiClientBuilder callbackContext(UnaryOperator<Executor> value) {
        this.callbackContext = Objects.requireNonNull(value, "callbackContext");
        return this;
    }

    /** Chooses a provider by name among the built-in ones and those on the class path. Null means the default. */
    public KimiClientBuilder provider(Part<?> part, @Nullable String providerName) {
        endpoint.provider(part, providerName);
        return this;
    }

    /**
     * Gives the provider of a part a setting, as in {@code set(Part.TRANSPORT, "max-connections", "50")}. One that no
     * provider of the part reads makes {@link #build()} fail, unless the chosen one does not say what it reads.
     *
     * @param setting its name in kebab case, without the prefix of the part
     * @param value null and blank mean not set
     */
    public KimiClientBuilder set(Part<?> part, String setting, @Nullable String value) {
        endpoint.set(part, setting, value);
        return this;
    }

    /**
     * The clock and timer to use, for tests: see {@link dev.kimi.time.VirtualTime}. The client does not close the
     * timer.
     */
    public KimiClientBuilder time(TimeSource clock, Timer clockTimer) {
        this.time = Objects.requireNonNull(clock, "clock");
        this.timer = Objects.requireNonNull(clockTimer, "timer");
        return this;
    }

    /** The source of jitter, for tests; must be safe for many threads. */
    public KimiClientBuilder random(RandomGenerator value) {
        this.random = Objects.requireNonNull(value, "random");
        return this;
    }

    /** Whether to look for clients and streams that were dropped unclosed; default {@link LeakDetection#ON}. */
    public KimiClientBuilder leakDetection(LeakDetection value) {
        this.leakDetection = Objects.requireNonNull(value, "leakDetection");
        return this;
    }

    /**
     * Makes the client. Opens no connection.
     *
     * @throws ConfigurationException if something is missing, wrong, or cannot be found by its name, or the service has
     *     retired the model
     */
    public KimiClient build() {
        return new ClientAssembly(this).assemble();
    }
}
