package dev.kimi.test.internal;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The wire formats of inference. */
public enum WireFormat {
    /** Kimi's chat completions. */
    CHAT,
    /** Messages as Kimi speaks them, whose errors have a shape that depends on the status. */
    KIMI_MESSAGES,
    /** Messages as Anthropic speaks them. */
    CLAUDE_MESSAGES;

    private static final Map<String, String> CLAUDE_TYPES = Map.ofEntries(
            Map.entry("invalid_authentication_error", "authentication_error"),
            Map.entry("incorrect_api_key_error", "authentication_error"),
            Map.entry("permission_denied_error", "permission_error"),
            Map.entry("resource_not_found_error", "not_found_error"),
            Map.entry("rate_limit_reached_error", "rate_limit_error"),
            Map.entry("exceeded_current_quota_error", "billing_error"),
            Map.entry("engine_overloaded_error", "overloaded_error"),
            Map.entry("server_unavailable", "overloaded_error"),
            Map.entry("server_error", "api_error"),
            Map.entry("content_filter", "invalid_request_error"));
    private static final int OVERLOADED = 529;

    public boolean messages() {
        return this != CHAT;
    }

    /** The status under which the service reports the error. */
    public int status(ApiError error) {
        ApiError own = own(error);
        return this == CLAUDE_MESSAGES && "overloaded_error".equals(type(own)) ? OVERLOADED : own.status();
    }

    /** The headers that come with the error. */
    public Map<String, String> headers(ApiError error) {
        Map<String, String> headers = own(error).headers();
        if (this != CLAUDE_MESSAGES) {
            return headers;
        }
        Map<String, String> all = new LinkedHashMap<>(headers);
        int status = status(error);
        boolean final429 = status == 429 && !headers.containsKey("Retry-After");
        all.put("x-should-retry", Boolean.toString((status == 429 || status >= 500) && !final429));
        return all;
    }

    /** The body in which the service reports the error. */
    public byte[] body(ApiError error, String requestId) {
        boolean wrapped = this == CLAUDE_MESSAGES || this == KIMI_MESSAGES && error.status() == 400;
        if (!wrapped) {
            return error.body();
        }
        StringBuilder out = new StringBuilder("{\"type\":\"error\",\"error\":");
        describe(out, own(error), false).append(",\"request_id\":");
        return utf8(Json.quote(out, requestId).append('}'));
    }

    /** The event in which an error is reported inside a stream. */
    public byte[] event(ApiError error) {
        if (this == CHAT) {
            StringBuilder out = new StringBuilder("data: {\"error\":{\"message\":");
            Json.quote(out, error.message()).append(",\"type\":");
            return utf8(Json.quote(out, error.type()).append("}}\n\n"));
        }
        StringBuilder out = new StringBuilder("event: error\ndata: {\"type\":\"error\",\"error\":");
        return utf8(describe(out, own(error), this == CLAUDE_MESSAGES).append("}\n\n"));
    }

    /** What the service itself says in this case. */
    private ApiError own(ApiError error) {
        ApiError ofClaude = error.claude();
        return this == CLAUDE_MESSAGES && ofClaude != null ? ofClaude : error;
    }

    private StringBuilder describe(StringBuilder out, ApiError error, boolean detailed) {
        out.append('{');
        if (error.code() != null) {
            Json.quote(out.append("\"details\":{\"error_code\":"), error.code()).append("},");
        } else if (detailed) {
            out.append("\"details\":null,");
        }
        Json.quote(out.append("\"type\":"), type(error));
        return Json.quote(out.append(",\"message\":"), error.message()).append('}');
    }

    private String type(ApiError error) {
        String type = error.type();
        return this == CLAUDE_MESSAGES ? CLAUDE_TYPES.getOrDefault(type, type) : type;
    }

    private static byte[] utf8(StringBuilder text) {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
