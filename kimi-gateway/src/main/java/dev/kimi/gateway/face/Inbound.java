package dev.kimi.gateway.face;

import dev.kimi.gateway.dialect.Dialect;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayException;
import dev.kimi.gateway.dialect.InboundChat;
import dev.kimi.gateway.dialect.InboundHead;
import dev.kimi.gateway.key.Gatekeeper.Caller;
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

    Mono<Void> error(GatewayError error) {
        call.failedWith(error);
        return Responses.error(response, call, dialect, error);
    }
}
