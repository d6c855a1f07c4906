package dev.kimi.gateway.face;

import dev.kimi.chat.Provenance;
import dev.kimi.gateway.call.GatewayCall.Outcome;
import dev.kimi.gateway.dialect.Dialect;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayException;
import dev.kimi.gateway.dialect.InboundHead;
import dev.kimi.gateway.key.Gatekeeper;
import dev.kimi.gateway.key.Gatekeeper.Caller;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;

/** Finds what a request is for, runs it as a call, and sees that each call ends once and each response has its id. */
final class GatewayHandler implements WebHandler {

    private final Map<String, Dialect> dialects;
    private final Gatekeeper gatekeeper;
    private final CallEvents events;
    private final GatewayProperties properties;
    private final Faces faces;

    /** What there is at a path. */
    interface Face {
        Mono<Void> handle(Inbound in, Caller caller);
    }

    /** The faces that need more than a line. */
    record Faces(ChatFace chat, CountFace count, ModelsFace models, PassThrough passThrough) {}

    /** A path of the gateway. */
    private record Place(String operation, String protocol, List<HttpMethod> methods, Face face) {}

    GatewayHandler(
            Collection<Dialect> dialects,
            Gatekeeper gatekeeper,
            CallEvents events,
            GatewayProperties properties,
            Faces faces) {
        this.dialects = dialects.stream().collect(Collectors.toMap(Dialect::protocol, Function.identity()));
        this.gatekeeper = gatekeeper;
        this.events = events;
        this.properties = properties;
        this.faces = faces;
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange) {
        ServerHttpRequest request = exchange.getRequest();
        ServerHttpResponse response = exchange.getResponse();
        String path = request.getURI().getRawPath();
        if (path.equals("/api/hello")) {
            return response.setComplete();
        }
        InboundHead head = HeaderRules.head(request);
        Place place = placeOf(path, request);
        String protocol = place == null ? clientsProtocol(request) : place.protocol();
        Dialect dialect = dialect(protocol);
        LiveCall call = new LiveCall(
                Ids.requestId(),
                protocol,
                place == null ? "none" : place.operation(),
                Ids.traceId(head.headers().get("traceparent")),
                events);
        Responses.id(response, dialect, call.id());
        long limit = path.startsWith("/v1/messages")
                ? properties.messagesBodyLimit().toBytes()
                : properties.bodyLimit().toBytes();
        Inbound in = new Inbound(request, response, head, dialect, call, limit);
        return Mono.defer(() -> run(in, place))
                .onErrorResume(failure -> failed(in, failure))
                .onErrorResume(failure -> Writability.of(response).abort())
                .doOnTerminate(call::end)
                .doOnCancel(call::end);
    }

    private Mono<Void> run(Inbound in, @Nullable Place place) {
        if (place == null) {
            throw rejected(GatewayError.Kind.NOT_FOUND, 404, "There is nothing at this path.");
        }
        if (!place.methods().contains(in.request().getMethod())) {
            in.response().getHeaders().setAllow(java.util.Set.copyOf(place.methods()));
            throw rejected(
                    GatewayError.Kind.INVALID_REQUEST,
                    405,
                    "This path takes " + place.methods() + ", not "
                            + in.request().getMethod() + ".");
        }
        Caller caller = identify(in.request());
        in.call().identified(caller.keyId());
        return place.face().handle(in, caller);
    }

    private Caller identify(ServerHttpRequest request) {
        List<char[]> presented = HeaderRules.credentials(request);
        try {
            return gatekeeper.identify(presented);
        } finally {
            presented.forEach(credential -> Arrays.fill(credential, ' '));
        }
    }

    private static GatewayException rejected(GatewayError.Kind kind, int status, String message) {
        return new GatewayException(GatewayError.of(kind, status, message));
    }

    private static Mono<Void> failed(Inbound in, Throwable failure) {
        Throwable cause = Errors.unwrapped(failure);
        if (in.response().isCommitted() || cause instanceof BodyReader.ClientGone) {
            in.call().outcome(Outcome.CANCELLED);
            return Writability.of(in.response()).abort();
        }
        in.call().outcome(cause instanceof GatewayException ? Outcome.REJECTED : Outcome.FAILED);
        return in.error(Errors.ofThrowable(cause, in.dialect().protocol()));
    }

    private @Nullable Place placeOf(String path, ServerHttpRequest request) {
        switch (path) {
            case "/v1/messages":
                return new Place("chat", Provenance.ANTHROPIC, List.of(HttpMethod.POST), faces.chat()::handle);
            case "/v1/chat/completions":
                return new Place("chat", Provenance.OPENAI, List.of(HttpMethod.POST), faces.chat()::handle);
            case "/v1/messages/count_tokens":
                return new Place("count-tokens", Provenance.ANTHROPIC, List.of(HttpMethod.POST), faces.count()::handle);
            default:
        }
        if (path.equals("/v1/models") || path.startsWith("/v1/models/")) {
            return new Place("models", clientsProtocol(request), List.of(HttpMethod.GET), faces.models()::handle);
        }
        PassThrough.Area area = PassThrough.areaOf(path);
        return area == null
                ? null
                : new Place(
                        area.operation(),
                        area.protocol() == null ? clientsProtocol(request) : area.protocol(),
                        PassThrough.METHODS,
                        faces.passThrough()::handle);
    }

    private static String clientsProtocol(ServerHttpRequest request) {
        return Dialect.protocolOf(
                request.getURI().getRawPath(), name -> request.getHeaders().containsHeader(name));
    }

    private Dialect dialect(String protocol) {
        Dialect dialect = dialects.get(protocol);
        return dialect == null ? dialects.values().iterator().next() : dialect;
    }
}
