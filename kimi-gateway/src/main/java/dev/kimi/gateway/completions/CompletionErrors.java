package dev.kimi.gateway.completions;

import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayError.Kind;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Errors in OpenAI's shape and with its words, which SDKs and frameworks decide by. */
final class CompletionErrors {

    private static final JsonMapper MAPPER = new JsonMapper();

    private CompletionErrors() {}

    static byte[] body(GatewayError error) {
        ObjectNode body = MAPPER.createObjectNode();
        body.putObject("error")
                .put("message", JsonBytes.wellFormed(error.message()))
                .put("type", type(error.kind()))
                .putNull("param")
                .put("code", code(error));
        return MAPPER.writeValueAsBytes(body);
    }

    private static String type(Kind kind) {
        return switch (kind) {
            case INVALID_REQUEST, PROMPT_TOO_LONG, NOT_FOUND, TOO_LARGE -> "invalid_request_error";
            case AUTHENTICATION -> "authentication_error";
            case PERMISSION -> "permission_error";
            case RATE_LIMIT -> "rate_limit_error";
            case BUDGET -> "insufficient_quota";
            case OVERLOADED -> "overloaded_error";
            case TIMEOUT -> "timeout_error";
            case API -> "server_error";
        };
    }

    private static @Nullable String code(GatewayError error) {
        return switch (error.kind()) {
            case INVALID_REQUEST -> null;
            case PROMPT_TOO_LONG -> "context_length_exceeded";
            case AUTHENTICATION -> "invalid_api_key";
            case PERMISSION -> "permission_denied";
            case NOT_FOUND -> "not_found";
            case TOO_LARGE -> "request_too_large";
            case RATE_LIMIT -> "rate_limit_exceeded";
            case BUDGET -> "insufficient_quota";
            case OVERLOADED -> "overloaded";
            case TIMEOUT -> "timeout";
            case API -> "server_error";
        };
    }
}
