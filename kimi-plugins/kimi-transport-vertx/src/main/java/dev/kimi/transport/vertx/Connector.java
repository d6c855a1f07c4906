package dev.kimi.transport.vertx;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http1ClientConfig;
import io.vertx.core.http.Http2ClientConfig;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConfig;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.ClientSSLOptions;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens single connections; pooling them is the business of others. */
final class Connector {

    /** Streams on a connection whatever the server allows: more share the fate of one TCP stream. */
    private static final int MAX_STREAMS = 1000;

    private final HttpClientAgent client;
    private final VertxSettings.Http http;
    private final Proxies proxies;
    private final TlsOptions tls;

    Connector(Vertx vertx, VertxSettings settings) {
        this.http = settings.http;
        this.proxies = settings.proxies;
        this.tls = new TlsOptions(settings);
        this.client =
                vertx.httpClientBuilder().with(config(settings)).with(tls.now()).build();
    }

    private static HttpClientConfig config(VertxSettings settings) {
        HttpClientConfig config = new HttpClientConfig();
        config.getTcpConfig().getTransportConfig().setSoKeepAlive(true);
        return config.setVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1))
                .setConnectTimeout(Duration.ofNanos(settings.connectNanos).plusMillis(1))
                .setVerifyHost(true)
                .setDecompressionEnabled(false)
                .setHttp1Config(new Http1ClientConfig().setKeepAlive(true).setPipelining(false))
                .setHttp2Config(new Http2ClientConfig()
                        .setClearTextUpgrade(false)
                        .setMultiplexingLimit(MAX_STREAMS)
                        .setInitialSettings(new Http2Settings()
                                .setPushEnabled(false)
                                .setMaxHeaderListSize(settings.responseHeaders.bytes())
                                .setInitialWindowSize(Http2Windows.FIRST_WINDOW)));
    }

    /** How connections to the origin are to be opened. */
    Route route(Origin origin) {
        return new Route(origin, proxies.find(origin));
    }

    /** With what TLS connections are opened now; another object than before, once that has changed. */
    ClientSSLOptions tls() {
        return tls.now();
    }

    /**
     * Opens a connection to an origin, at an address of its route; to be called on an event loop, which becomes the
     * connection's.
     */
    Future<HttpClientConnection> connect(Origin origin, Sockets.Pending address) {
        HttpConnectOptions options = new HttpConnectOptions()
                .setServer(address)
                .setHost(origin.host())
                .setPort(origin.port())
                .setSsl(origin.tls())
                .setSslOptions(tls.now());
        HttpVersion version = version(origin);
        if (version != null) {
            options.setProtocolVersion(version);
        }
        return client.connect(options);
    }

    /** Whether a connection to the origin may turn out to speak HTTP/2. */
    boolean mayMultiplex(Origin origin) {
        return version(origin) != HttpVersion.HTTP_1_1;
    }

    /** The only version to speak, or null for what the server picks. */
    private @Nullable HttpVersion version(Origin origin) {
        return switch (http) {
            case AUTO -> origin.tls() ? null : HttpVersion.HTTP_1_1;
            case HTTP1 -> HttpVersion.HTTP_1_1;
            case H2 -> HttpVersion.HTTP_2;
        };
    }
}
