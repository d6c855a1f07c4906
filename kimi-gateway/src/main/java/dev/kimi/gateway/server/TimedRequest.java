package dev.kimi.gateway.server;

import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayException;
import java.util.concurrent.TimeoutException;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A request whose body fails with an error for the client when it takes too long to come. The server's own time limits
 * close the connection at once, so that no response reaches the client.
 */
final class TimedRequest extends ServerHttpRequestDecorator {

    private final ServerWebExchange exchange;
    private final ServerLimits limits;

    TimedRequest(ServerWebExchange exchange, ServerLimits limits) {
        super(exchange.getRequest());
        this.exchange = exchange;
        this.limits = limits;
    }

    @Override
    public Flux<DataBuffer> getBody() {
        return super.getBody()
                .timeout(limits.readTimeout())
                .takeUntilOther(Mono.delay(limits.requestTimeout()).then(Mono.error(TimeoutException::new)))
                .onErrorMap(TimeoutException.class, e -> tooSlow());
    }

    private GatewayException tooSlow() {
        // What is missing of the body would be read as the next request.
        exchange.getResponse().getHeaders().set(HttpHeaders.CONNECTION, "close");
        return new GatewayException(
                GatewayError.of(GatewayError.Kind.TIMEOUT, 408, "The body of the request has taken too long to come."));
    }
}
