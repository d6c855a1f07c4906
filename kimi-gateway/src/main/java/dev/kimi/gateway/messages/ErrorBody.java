package dev.kimi.gateway.messages;

import dev.kimi.gateway.dialect.GatewayError;
import java.util.Locale;

/** Errors in the shape of the protocol. */
final class ErrorBody {

    private static final String TOO_LONG = "prompt is too long";

    private ErrorBody() {}

    static byte[] of(GatewayError error, String requestId) {
        return write(new SseBytes(192), error, requestId).toByteArray();
    }

    static byte[] event(GatewayError error, String requestId) {
        SseBytes out = new SseBytes(224).raw("event: error\ndata: ");
        return write(out, error, requestId).raw("\n\n").toByteArray();
    }

    private static SseBytes write(SseBytes out, GatewayError error, String requestId) {
        return out.raw("{\"type\":\"error\",\"error\":{\"type\":")
                .string(type(error))
                .raw(",\"message\":")
                .string(message(error))
                .raw("},\"request_id\":")
                .string(requestId)
                .raw("}");
    }

    private static String type(GatewayError error) {
        return switch (error.kind()) {
            case INVALID_REQUEST, PROMPT_TOO_LONG -> "invalid_request_error";
            case AUTHENTICATION -> "authentication_error";
            case PERMISSION -> "permission_error";
            case NOT_FOUND -> "not_found_error";
            case TOO_LARGE -> "request_too_large";
            case RATE_LIMIT -> "rate_limit_error";
            case BUDGET -> error.status() == 402 ? "billing_error" : "rate_limit_error";
            case OVERLOADED -> "overloaded_error";
            case TIMEOUT -> "timeout_error";
            case API -> "api_error";
        };
    }

    /** Clients shorten a conversation, or ask for less output, by words that they look for in the message. */
    private static String message(GatewayError error) {
        String message = error.message();
        if (error.kind() != GatewayError.Kind.PROMPT_TOO_LONG) {
            return message;
        }
        String words = message.toLowerCase(Locale.ROOT);
        boolean said = words.contains(TOO_LONG)
                || words.contains("exceed context limit")
                || words.contains("capability_rejected");
        return said ? message : TOO_LONG + ": " + message;
    }
}
