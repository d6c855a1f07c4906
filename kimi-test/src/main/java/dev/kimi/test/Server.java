package dev.kimi.test;

import dev.kimi.test.support.TestCertificate;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemKeyCertOptions;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The HTTP server on its one event loop: takes connections and requests in and hands them to the {@link Service}. */
final class Server {

    private static final int MANY_STREAMS = 100_000;
    private static final int MAX_HEADERS = 64 * 1024;
    private static final int BIG_WINDOW = 16 * 1024 * 1024;

    private final Vertx vertx;
    private final Context loop;
    private final HttpServer http;
    private final Ticker ticker;
    private final Service service;
    private final @Nullable OAuthTokens tokens;
    private final @Nullable TestCertificate certificate;
    private final RequestLog log;
    private final LongAdder bytesSent = new LongAdder();
    private final Map<HttpConnection, Long> connections = new HashMap<>();
    private final Set<ServerExchange> open = new HashSet<>();
    private final boolean recorded;
    private long connectionCount;
    private long requestCount;

    Server(Settings settings, Script script, RequestLog log) {
        this.recorded = settings.recorded > 0;
        this.log = log;
        this.vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setUseDaemonThread(true)
                .setBlockedThreadCheckInterval(TimeUnit.HOURS.toMillis(1))
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        this.loop = vertx.getOrCreateContext();
        Settings.TimeAndTimer time = settings.time;
        this.ticker = time == null ? Ticker.real(vertx) : Ticker.of(time.source(), time.timer(), loop);
        this.tokens = settings.oauthClient == null ? null : new OAuthTokens(settings.oauthClient, ticker);
        this.service = new Service(settings, script, ticker, tokens);
        this.certificate = settings.tls ? TestCertificate.create(settings.host) : null;
        this.http = vertx.createHttpServer(options(settings));
        http.connectionHandler(this::connected).requestHandler(this::received);
    }

    /** Starts to listen and returns the port. */
    int listen() {
        return http.listen().toCompletionStage().toCompletableFuture().join().actualPort();
    }

    long bytesSent() {
        return bytesSent.sum();
    }

    @Nullable TestCertificate certificate() {
        return certificate;
    }

    @Nullable OAuthTokens tokens() {
        return tokens;
    }

    /** Breaks open requests off and forgets what was used and issued. */
    void reset() {
        onLoop(() -> {
            List.copyOf(open).forEach(exchange -> exchange.cut(false));
            service.reset();
        });
        if (tokens != null) {
            tokens.reset();
        }
    }

    /** Closes every connection. */
    void disconnectAll() {
        onLoop(() -> List.copyOf(connections.keySet()).forEach(connection -> Sockets.close(connection, false)));
    }

    void close() {
        reset();
        disconnectAll();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private void onLoop(Runnable task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.runOnContext(ignored -> {
            try {
                task.run();
            } finally {
                done.complete(null);
            }
        });
        done.join();
    }

    private void connected(HttpConnection connection) {
        connections.put(connection, ++connectionCount);
        log.connectionOpened();
        connection.closeHandler(ignored -> {
            connections.remove(connection);
            log.connectionClosed();
        });
    }

    private void received(HttpServerRequest request) {
        long connection = connections.getOrDefault(request.connection(), 0L);
        String protocol = request.version() == HttpVersion.HTTP_2 ? "HTTP/2" : "HTTP/1.1";
        ReceivedRequest received = new ReceivedRequest(
                ++requestCount,
                new ReceivedRequest.Origin(connection, ticker.nanoTime(), protocol),
                request.method().name(),
                request.uri(),
                recorded ? request.headers() : List.of());
        ServerExchange exchange = new ServerExchange(request, received, ticker, log, bytesSent);
        open.add(exchange);
        exchange.atEnd(() -> open.remove(exchange));
        request.body().onComplete(body -> {
            if (body.failed()) {
                exchange.failed(body.cause());
                log.arrived(received);
                return;
            }
            byte[] bytes = body.result().getBytes();
            received.bodyArrived(bytes);
            log.arrived(received);
            service.handle(exchange, bytes);
        });
    }

    private HttpServerOptions options(Settings settings) {
        long streams = settings.maxConcurrentStreams > 0 ? settings.maxConcurrentStreams : MANY_STREAMS;
        HttpServerOptions options = new HttpServerOptions()
                .setHost(settings.host)
                .setPort(settings.port)
                .setAcceptBacklog(MANY_STREAMS)
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setIdleTimeout(Math.toIntExact(settings.idleTimeout.toMillis()))
                .setHttp2ClearTextEnabled(true)
                .setHttp2ConnectionWindowSize(BIG_WINDOW)
                .setHttp2RstFloodMaxRstFramePerWindow(0)
                .setInitialSettings(new Http2Settings().setMaxConcurrentStreams(streams))
                .setMaxHeaderSize(MAX_HEADERS)
                .setHandle100ContinueAutomatically(true);
        if (certificate != null) {
            options.setSsl(true)
                    .setUseAlpn(true)
                    .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1))
                    .setKeyCertOptions(new PemKeyCertOptions()
                            .addCertValue(Buffer.buffer(certificate.certificate()))
                            .addKeyValue(Buffer.buffer(certificate.pkcs8())));
        }
        return options;
    }
}
