package dev.kimi.gateway.server;

import dev.kimi.gateway.dialect.Dialect;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayError.Kind;
import dev.kimi.gateway.dialect.GatewayException;
import dev.kimi.gateway.server.ServerCounters.Rejected;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;

/** Rejects what comes by a path that may be read in two ways, while the server stops, or too often from one address. */
final class ServerFilter implements WebFilter, Ordered {

    private static final Duration SOON = Duration.ofSeconds(1);

    private final Drain drain;
    private final ClientAddresses addresses;
    private final ServerLimits limits;
    private final ServerCounters counters;
    private final OpenCounts perAddress;
    private final List<Dialect> dialects;
    private final String management;

    /** What the filter goes by and counts with. */
    record Rules(ServerLimits limits, ClientAddresses addresses, ServerCounters counters) {}

    /** @param management path below which the server itself is looked after, also while it stops */
    ServerFilter(Drain drain, Rules rules, List<Dialect> dialects, String management) {
        this.drain = drain;
        this.addresses = rules.addresses();
        this.limits = rules.limits();
        this.counters = rules.counters();
        this.perAddress = new OpenCounts(limits.maxConnectionsPerAddress());
        this.dialects = List.copyOf(dialects);
        this.management = management;
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    /**
     * What a page of another origin can send without asking first is not JSON: a gateway without keys on a developer's
     * machine is not for it.
     */
    private static boolean isOtherThanJson(ServerHttpRequest request) {
        String path = request.getPath().value();
        if (!request.getMethod().equals(HttpMethod.POST)
                || !(path.startsWith("/v1/messages") || path.startsWith("/v1/chat/"))) {
            return false;
        }
        String type = request.getHeaders().getFirst(HttpHeaders.CONTENT_TYPE);
        String encoding = request.getHeaders().getFirst(HttpHeaders.CONTENT_ENCODING);
        return type == null
                || !type.toLowerCase(Locale.ROOT).startsWith(MediaType.APPLICATION_JSON_VALUE)
                || encoding != null && !encoding.equalsIgnoreCase("identity");
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        String path = exchange.getRequest().getPath().value();
        if (!PlainPath.matches(path)) {
            return reject(
                    exchange,
                    Rejected.PATH,
                    GatewayError.of(Kind.INVALID_REQUEST, 400, "The path can be read in two ways."));
        }
        if (path.startsWith(management)) {
            return chain.filter(exchange);
        }
        Drain.State state = drain.state();
        if (state != Drain.State.SERVING) {
            exchange.getResponse().getHeaders().set(HttpHeaders.CONNECTION, "close");
        }
        if (state == Drain.State.REJECTING) {
            return reject(
                    exchange,
                    Rejected.STOPPING,
                    GatewayError.of(Kind.OVERLOADED, 503, "This gateway is stopping. Another one can be called now.")
                            .retryAfter(SOON));
        }
        if (isOtherThanJson(exchange.getRequest())) {
            return reject(
                    exchange,
                    Rejected.CONTENT_TYPE,
                    GatewayError.of(
                            Kind.INVALID_REQUEST,
                            415,
                            "The body must be JSON, not compressed, with content-type: application/json."));
        }
        ServerWebExchange timed =
                exchange.mutate().request(new TimedRequest(exchange, limits)).build();
        InetAddress client = behindProxy(exchange.getRequest());
        return (client == null ? chain.filter(timed) : limited(timed, chain, client))
                .onErrorResume(GatewayException.class, e -> respond(exchange, e.error()))
                .onErrorResume(IllegalStateException.class, e -> isOver(exchange) ? Mono.empty() : Mono.error(e));
    }

    /** Whether the server itself has responded, as it does when it finds that the rest of a body is no HTTP. */
    private static boolean isOver(ServerWebExchange exchange) {
        return ServerHttpResponseDecorator.getNativeResponse(exchange.getResponse())
                        instanceof HttpServerResponse response
                && response.hasSentHeaders();
    }

    private Mono<Void> limited(ServerWebExchange exchange, WebFilterChain chain, InetAddress client) {
        return Mono.defer(() -> {
            if (!perAddress.enter(client)) {
                return reject(
                        exchange,
                        Rejected.ADDRESS,
                        GatewayError.of(
                                        Kind.RATE_LIMIT,
                                        429,
                                        "There are too many calls from this address at a time. Wait for one to end.")
                                .retryAfter(SOON));
            }
            return chain.filter(exchange).doFinally(end -> perAddress.leave(client));
        });
    }

    /** Null where the connection itself is the client's. */
    private @Nullable InetAddress behindProxy(ServerHttpRequest request) {
        InetSocketAddress remote = request.getRemoteAddress();
        List<String> forwardedFor = request.getHeaders().get("x-forwarded-for");
        if (forwardedFor == null || remote == null || remote.getAddress() == null) {
            return null;
        }
        return addresses.isProxy(remote.getAddress()) ? addresses.behind(forwardedFor) : null;
    }

    private Mono<Void> reject(ServerWebExchange exchange, Rejected reason, GatewayError error) {
        counters.rejected(reason);
        return respond(exchange, error);
    }

    private Mono<Void> respond(ServerWebExchange exchange, GatewayError error) {
        ServerHttpResponse response = exchange.getResponse();
        String id = exchange.getRequest().getId();
        response.setStatusCode(HttpStatusCode.valueOf(error.status()));
        HttpHeaders headers = response.getHeaders();
        headers.set("kimi-request-id", id);
        error.headers().forEach(headers::set);
        Dialect dialect = dialect(exchange.getRequest());
        if (dialect == null) {
            return response.setComplete();
        }
        dialect.idHeaders(id).forEach(headers::set);
        headers.setContentType(MediaType.APPLICATION_JSON);
        return response.writeWith(
                Mono.fromSupplier(() -> response.bufferFactory().wrap(dialect.error(error, id))));
    }

    private @Nullable Dialect dialect(ServerHttpRequest request) {
        String protocol = Dialect.protocolOf(
                request.getPath().value(), name -> request.getHeaders().containsHeader(name));
        return dialects.stream()
                .filter(dialect -> dialect.protocol().equals(protocol))
                .findFirst()
                .orElse(null);
    }
}
