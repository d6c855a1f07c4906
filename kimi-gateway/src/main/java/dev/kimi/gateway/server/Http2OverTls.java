package dev.kimi.gateway.server;

import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.Http2;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;

/**
 * Speaks HTTP/2 where there is TLS, unless {@code server.http2.enabled} decides. On clear text Reactor Netty would take
 * every {@code upgrade: h2c}, and reject the request that brings it when it has a body: that of each first request of
 * the JDK's client.
 */
final class Http2OverTls implements WebServerFactoryCustomizer<NettyReactiveWebServerFactory>, Ordered {

    private final Environment environment;

    Http2OverTls(Environment environment) {
        this.environment = environment;
    }

    /** After Boot's own, which makes the server's TLS known. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public void customize(NettyReactiveWebServerFactory factory) {
        if (!environment.containsProperty("server.http2.enabled") && Ssl.isEnabled(factory.getSsl())) {
            Http2 http2 = new Http2();
            http2.setEnabled(true);
            factory.setHttp2(http2);
        }
    }
}
