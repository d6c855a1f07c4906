package dev.kimi.test;

import dev.kimi.test.support.TestCertificate;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import dev.kimi.time.VirtualTime;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A server on the loopback interface that speaks the API of Kimi, and Anthropic's Messages API for models whose id
 * begins with {@code claude}. It follows the test's script: responds in the service's words, rejects what the service
 * rejects, and fails in every way that a client must survive.
 *
 * <p>It speaks HTTP/1.1 and HTTP/2 (prior knowledge, or by ALPN with TLS) on one port, on one event loop of its own.
 * All methods are thread-safe. Scripted replies are used up one per inference request that passes the checks, in the
 * order of arrival; after them the simulated model generates the responses.
 *
 * <pre>{@code
 * try (KimiSimulator kimi = KimiSimulator.start();
 *         KimiClient client = KimiClient.builder().baseUrl(kimi.baseUrl()).apiKey("any").build()) {
 *     kimi.reply(Reply.rateLimited(Duration.ofSeconds(1)), Reply.text("Rayleigh scattering."));
 *
 *     assertEquals("Rayleigh scattering.", client.chat("Why is the sky blue?").text());
 *     assertEquals(2, kimi.requests().size());
 * }
 * }</pre>
 */
public final class KimiSimulator implements AutoCloseable {

    private final Settings settings;
    private final Script script;
    private final RequestLog log;
    private final Server server;
    private final int port;
    private final AtomicBoolean closed = new AtomicBoolean();

    private KimiSimulator(Settings settings) {
        this.settings = settings;
        this.script = new Script(settings);
        this.log = new RequestLog(settings.recorded);
        this.server = new Server(settings, script, log);
        this.port = server.listen();
    }

    /** Starts one with the defaults on a free port. */
    public static KimiSimulator start() {
        return builder().start();
    }

    /** A simulator with other than the defaults, which are those of {@link #start()}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Scheme, host and port, without {@code /v1}. */
    public String baseUrl() {
        return (settings.tls ? "https" : "http") + "://" + settings.host + ":" + port;
    }

    /** The port that is listened on, never 0. */
    public int port() {
        return port;
    }

    /** A key to call it with, one of {@link Builder#keys} if it accepts those only; null if it wants OAuth2 tokens. */
    public @Nullable String apiKey() {
        if (settings.oauthClient != null || settings.validTokens != null) {
            return null;
        }
        return settings.keys.stream().findFirst().orElse("sk-simulated");
    }

    /**
     * The certificate to trust, in PEM.
     *
     * @throws IllegalStateException if the simulator speaks plain text
     */
    public String certificatePem() {
        TestCertificate certificate = server.certificate();
        if (certificate == null) {
            throw new IllegalStateException("there is no certificate: build the simulator with tls()");
        }
        return certificate.certificate();
    }

    /**
     * The token endpoint at {@code /oauth/token}.
     *
     * @throws IllegalStateException if the simulator takes plain keys
     */
    public TokenEndpoint tokens() {
        TokenEndpoint tokens = server.tokens();
        if (tokens == null) {
            throw new IllegalStateException("there is no token endpoint: build the simulator with oauth2()");
        }
        return tokens;
    }

    /** Queues replies for the next inference requests. */
    public KimiSimulator reply(Reply... replies) {
        script.add(List.of(replies));
        return this;
    }

    /** Replaces what requests get when nothing is queued; {@link Reply#generated()} by default. */
    public KimiSimulator otherwise(Reply reply) {
        script.otherwise(reply);
        return this;
    }

    /**
     * Replaces an endpoint, of inference or any other: requests to the path get this reply, without any check, until
     * the next reset.
     *
     * @param path without a query, such as {@code /v1/models}
     */
    public KimiSimulator replyAt(String path, Reply reply) {
        script.at(path, reply);
        return this;
    }

    /** Injects faults among the requests that find nothing queued; replaces an earlier mix. */
    public KimiSimulator faults(FaultMix mix) {
        script.faults(mix);
        return this;
    }

    /** Changes the limits of every account from the next request on. */
    public KimiSimulator limits(AccountLimits limits) {
        script.limits(limits);
        return this;
    }

    /** Changes the pace from the next request on. */
    public KimiSimulator latency(Latency latency) {
        script.latency(latency);
        return this;
    }

    /** Queues what was recorded in a file, or in all files of a folder by name, without pauses. */
    public KimiSimulator replay(Path folderOrFile) {
        return replay(folderOrFile, Duration.ZERO);
    }

    /**
     * Queues what was recorded, with a pause between two events of a stream.
     *
     * @throws java.io.UncheckedIOException if a file cannot be read
     * @throws IllegalArgumentException if the file is no {@code .sse}, {@code .json} or {@code .http} file
     */
    public KimiSimulator replay(Path folderOrFile, Duration gap) {
        script.add(RecordedFiles.readAll(folderOrFile, gap));
        return this;
    }

    /** Queued replies that no request has used yet. */
    public int repliesLeft() {
        return script.waiting();
    }

    /** The requests so far in the order in which they were complete or broke off, the latest 10,000 by default. */
    public List<ReceivedRequest> requests() {
        return log.requests();
    }

    /** Completes with {@link #requests()} when so many have come in since the start or the last reset. */
    public CompletableFuture<List<ReceivedRequest>> awaitRequests(int count) {
        return log.whenReceived(count);
    }

    /** Completes with the requests that clients broke off when there are so many since the start or the last reset. */
    public CompletableFuture<List<ReceivedRequest>> awaitAborted(int count) {
        return log.whenAborted(count);
    }

    /** Completes when so many responses wait at the same time because their clients do not read on. */
    public CompletableFuture<?> awaitBlocked(int count) {
        return log.whenBlocked(count);
    }

    /** Requests whose head has come in and which have not ended. */
    public int openRequests() {
        return log.openRequests();
    }

    /** Connections that are open, in use or idle. */
    public int openConnections() {
        return log.openConnections();
    }

    /** Connections accepted since the start. */
    public long connectionsAccepted() {
        return log.connectionsAccepted();
    }

    /** Bytes of response bodies handed to sockets since the start, at most a write queue (64 KiB) ahead of each. */
    public long bytesSent() {
        return server.bytesSent();
    }

    /**
     * Waits until no request is open.
     *
     * @throws IllegalStateException if that has not come about within the timeout
     */
    public void awaitIdle(Duration timeout) {
        await(log.whenIdle(), timeout, "requests are still open");
    }

    /**
     * Waits until no connection is open.
     *
     * @throws IllegalStateException if that has not come about within the timeout
     */
    public void awaitDisconnected(Duration timeout) {
        await(log.whenDisconnected(), timeout, "connections are still open");
    }

    /** Closes every connection, busy or idle; new ones are accepted. */
    public void disconnectAll() {
        server.disconnectAll();
    }

    /**
     * Breaks off open requests, discards replies, faults and recorded requests, and restores the limits and the latency
     * of the builder; idle connections stay open.
     */
    public void reset() {
        if (closed.get()) {
            return;
        }
        server.reset();
        script.reset();
        log.clear();
    }

    /** Closes all connections and releases the port and the event loop. Idempotent. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            server.close();
        }
    }

    private static void await(CompletableFuture<?> future, Duration timeout, String problem) {
        try {
            future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException(problem + " after " + timeout, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + problem, e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /** The OAuth2 token endpoint as a test observes and controls it. Thread-safe. */
    public sealed interface TokenEndpoint permits OAuthTokens {

        /** Calls since the start or the last reset, failed ones included. */
        int calls();

        /** Lifetime of the tokens issued from now on; an hour by default. */
        void expiresIn(Duration span);

        /** Pause before each response; none by default. */
        void delay(Duration span);

        /** Responds to every call with this status and {@code error} until {@link #recover()}. */
        void failWith(int status, String error);

        /** Ends what {@link #failWith} began. */
        void recover();

        /** Revokes every token issued so far: requests that bear one get 401. */
        void revokeAll();
    }

    /** Configures a simulator. Not thread-safe. */
    public static final class Builder {

        private final Settings settings = new Settings();

        private Builder() {}

        /** The port; 0, the default, takes a free one. */
        public Builder port(int port) {
            settings.port = port;
            return this;
        }

        /**
         * The address to listen on, {@code 127.0.0.1} by default.
         *
         * @throws IllegalArgumentException if it is not an address of the loopback interface
         */
        public Builder host(String address) {
            if (!isLoopback(address)) {
                throw new IllegalArgumentException("the simulator only listens on a loopback address");
            }
            settings.host = address;
            return this;
        }

        /** Accepts these keys only; without this any key that is not empty will do. */
        public Builder keys(String... keys) {
            settings.keys.addAll(List.of(keys));
            return this;
        }

        /** Lets these keys share one account and so one set of limits; every other key has an account of its own. */
        public Builder account(String organisation, String... keys) {
            for (String key : keys) {
                settings.organisations.put(key, organisation);
            }
            return this;
        }

        /** Accepts nothing but tokens issued by {@code /oauth/token} to this client. */
        public Builder oauth2(String clientId, String clientSecret) {
            settings.oauthClient = OAuthTokens.client(clientId, clientSecret);
            return this;
        }

        /**
         * Accepts nothing but the tokens of an authorization server elsewhere.
         *
         * @param valid whether the token after {@code Bearer} is good; must not block
         */
        public Builder tokens(Predicate<String> valid) {
            settings.validTokens = Objects.requireNonNull(valid, "valid");
            return this;
        }

        /** Speaks TLS, with a certificate of its own for the loopback addresses; HTTP/2 and HTTP/1.1 by ALPN. */
        public Builder tls() {
            settings.tls = true;
            return this;
        }

        /** The limits of every account; {@link AccountLimits#none()} by default. */
        public Builder limits(AccountLimits limits) {
            settings.limits = limits;
            return this;
        }

        /** Offers further models beside those the service has. */
        public Builder models(String... ids) {
            settings.models.addAll(List.of(ids));
            return this;
        }

        /** Whether requests are checked as the service checks them; true by default. */
        public Builder validation(boolean on) {
            settings.validation = on;
            return this;
        }

        /** Whether responses that are not streamed are compressed for clients that ask; true by default. */
        public Builder gzip(boolean on) {
            settings.gzip = on;
            return this;
        }

        /** The pace of the simulated model; {@link Latency#none()} by default. */
        public Builder latency(Latency latency) {
            settings.latency = latency;
            return this;
        }

        /** How many requests are kept for {@link KimiSimulator#requests()}; 10,000 by default, 0 keeps none. */
        public Builder recordedRequests(int latest) {
            settings.recorded = latest;
            return this;
        }

        /** Streams allowed at once on one HTTP/2 connection; practically unlimited by default. */
        public Builder maxConcurrentStreams(int streams) {
            settings.maxConcurrentStreams = streams;
            return this;
        }

        /** Closes connections on which no byte moved for this time, at least 1 ms; never by default. */
        public Builder idleTimeout(Duration timeout) {
            settings.idleTimeout = timeout;
            return this;
        }

        /** Runs delays and limits on the given time instead of the machine's. */
        public Builder time(VirtualTime time) {
            return time(time, time);
        }

        /** Runs delays and limits on the given clock and timer instead of the machine's. */
        public Builder time(TimeSource source, Timer timer) {
            settings.time = new Settings.TimeAndTimer(source, timer);
            return this;
        }

        /**
         * Starts the simulator.
         *
         * @throws java.util.concurrent.CompletionException if the port cannot be bound
         */
        public KimiSimulator start() {
            return new KimiSimulator(settings);
        }

        private static boolean isLoopback(String address) {
            try {
                return InetAddress.getByName(address).isLoopbackAddress();
            } catch (UnknownHostException e) {
                return false;
            }
        }
    }
}
