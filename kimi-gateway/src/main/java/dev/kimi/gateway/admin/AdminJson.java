package dev.kimi.gateway.admin;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads and writes JSON in the same way whatever the application's own mapper does. */
final class AdminJson {

    /** The longest body is a key with many patterns of models. */
    private static final int MAX_BODY = 32 * 1024;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private AdminJson() {}

    static byte[] bytes(Object view) {
        return MAPPER.writeValueAsBytes(view);
    }

    static Mono<ServerResponse> response(HttpStatus status, Object view) {
        return ServerResponse.status(status)
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(bytes(view));
    }

    static Mono<ServerResponse> problem(AdminProblem problem) {
        ServerResponse.BodyBuilder response = ServerResponse.status(problem.status());
        if (problem.retryAfterSeconds() > 0) {
            response.header(HttpHeaders.RETRY_AFTER, Long.toString(problem.retryAfterSeconds()));
        }
        if (problem.status() == HttpStatus.UNAUTHORIZED) {
            response.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"admin\"");
        }
        return response.contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .bodyValue(bytes(new AdminView.Problem(problem.status().value(), problem.detail())));
    }

    /**
     * The object that a request carries. What is sent as a form or as text is not read, since a page of another site
     * can make a browser send these.
     */
    static Mono<ObjectNode> body(ServerRequest request) {
        MediaType type = request.headers().contentType().orElse(null);
        if (!MediaType.APPLICATION_JSON.isCompatibleWith(type)) {
            return Mono.error(new AdminProblem(
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE, "The body must be JSON, sent as application/json."));
        }
        if (request.headers().contentLength().orElse(0) > MAX_BODY) {
            return Mono.error(tooLarge());
        }
        return request.bodyToMono(byte[].class)
                .switchIfEmpty(Mono.just(new byte[0]))
                .map(AdminJson::object);
    }

    static AdminProblem tooLarge() {
        return new AdminProblem(HttpStatus.CONTENT_TOO_LARGE, "The body is larger than " + MAX_BODY + " bytes.");
    }

    private static ObjectNode object(byte[] body) {
        if (body.length > MAX_BODY) {
            throw tooLarge();
        }
        try {
            JsonNode node = MAPPER.readTree(body);
            if (node instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException e) {
            // Its message may quote the body, which may be a token.
        }
        throw new AdminProblem(HttpStatus.BAD_REQUEST, "The body is no JSON object.");
    }
}
