package dev.kimi.gateway.face;

import dev.kimi.chat.ChatResponse;
import dev.kimi.gateway.call.GatewayCall;
import dev.kimi.gateway.dialect.Dialect;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.InboundChat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** Writes heads, and bodies that are whole. */
final class Responses {

    static final String JSON = "application/json";
    static final String EVENTS = "text/event-stream; charset=utf-8";

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private Responses() {}

    /** Every response has it, whatever becomes of the request. */
    static void id(ServerHttpResponse response, Dialect dialect, String id) {
        response.getHeaders().set("kimi-request-id", id);
        dialect.idHeaders(id).forEach(response.getHeaders()::set);
    }

    /** Says who responded and what was left out. */
    static void origin(HttpHeaders headers, String endpoint, String model, List<ChatResponse.Note> notes) {
        headers.set("kimi-endpoint", endpoint);
        headers.set("kimi-model", model);
        String dropped = notes.stream()
                .filter(note -> note.code().equals(InboundChat.DROPPED))
                .map(ChatResponse.Note::message)
                .distinct()
                .collect(Collectors.joining(", "));
        if (!dropped.isEmpty()) {
            headers.set("kimi-dropped", dropped);
        }
    }

    static Mono<Void> error(ServerHttpResponse response, LiveCall call, Dialect dialect, GatewayError error) {
        HttpHeaders headers = response.getHeaders();
        error.headers().forEach(headers::set);
        if (error.status() == 413) {
            // What is left of the body is not read: the connection cannot serve another request.
            headers.set("connection", "close");
        }
        headers.set("content-type", JSON);
        return whole(response, call, error.status(), dialect.error(error, call.id()));
    }

    static Mono<Void> json(ServerHttpResponse response, LiveCall call, Map<String, ?> body) {
        response.getHeaders().set("content-type", JSON);
        return whole(response, call, 200, MAPPER.writeValueAsBytes(body));
    }

    /** A body that is in memory; its content type has been set. */
    static Mono<Void> whole(ServerHttpResponse response, LiveCall call, int status, byte[] body) {
        response.setStatusCode(HttpStatusCode.valueOf(status));
        response.getHeaders().setContentLength(body.length);
        call.status(status);
        return response.writeWith(Mono.fromSupplier(() -> {
            call.outcome(GatewayCall.Outcome.OK);
            call.settle();
            call.delivered(body.length);
            return response.bufferFactory().wrap(body);
        }));
    }
}
