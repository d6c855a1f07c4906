package dev.kimi.gateway.face;

import dev.kimi.gateway.dialect.Dialect;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayException;
import dev.kimi.gateway.dialect.InboundChat;
import dev.kimi.gateway.dialect.InboundHead;
import dev.kimi.gateway.key.Gatekeeper.Caller;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A request of a client with what belongs to it.
 *
 * @param limit most bytes of its body
 */
record Inbound(
        ServerHttpRequest request,
        ServerHttpResponse response,
        InboundHead head,
        Dialect dialect,
        LiveCall call,
        long limit) {

    /** Bodies above are not parsed on a thread that has sockets to serve. */
    private static final int QUICK = 128 * 1024;

    /** Reads the body as a chat request of the dialect. */
    Mono<InboundChat> read(Caller caller) {
        checkJson();
        return BodyReader.read(request, limit).flatMap(body -> {
            Mono<InboundChat> chat = Mono.fromCallable(() -> dialect.read(head, body));
            return (body.length > QUICK ? chat.subscribeOn(Schedulers.parallel()) : chat)
                    .doOnNext(read -> call.read(read.model(), read.streamed()));
        });
    }

    void checkModel(Caller caller, String model) {
        if (!caller.mayUse(model)) {
            throw new GatewayException(GatewayError.of(
                    GatewayError.Kind.PERMISSION, 403, "Your key may not use the model '" + model + "'."));
        }
    }

    private void checkJson() {
        @Nullable MediaType type = request.getHeaders().getContentType();
        if (type != null
                && !type.getSubtype().equals("json")
                && !type.getSubtype().endsWith("+json")) {
            throw new GatewayException(GatewayError.of(
                    GatewayError.Kind.INVALID_REQUEST,
                    415,
                    "The body must be JSON, with the header content-type: application/json."));
        }
        String packed = request.getHeaders().getFirst("content-encoding");
        if (packed != null && !packed.equalsIgnoreCase("identity")) {
            throw new GatewayException(
                    GatewayError.of(GatewayError.Kind.INVALID_REQUEST, 415, "Send the body without content-encoding."));
        }
    }

    Mono<Void> error(GatewayError error) {
        call.failedWith(error);
        return Responses.error(response, call, dialect, error);
    }
}
