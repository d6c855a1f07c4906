package dev.kimi.internal.protocol;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The {@code base_resp} of MiniMax: {@code {"status_code":1008,"status_msg":"insufficient balance"}}, with the status 0
 * in a good response.
 */
public final class BaseStatus {

    /** What the codes mean, as names of errors; other services use the same numbers for something else. */
    private static final Map<String, String> NAMES = Map.of(
            "1001", "timeout_error",
            "1002", "rate_limit_error",
            "1004", "invalid_api_key",
            "1008", "insufficient_balance",
            "1026", "content_filter",
            "1027", "content_filter",
            "1039", "rate_limit_error",
            "1041", "rate_limit_error",
            "2013", "invalid_request_error",
            "2049", "invalid_api_key");

    private BaseStatus() {}

    /** The error that it reports, or null. */
    public static @Nullable ErrorBody error(Map<String, @Nullable Object> status) {
        Object code = status.get("status_code");
        String text = code == null ? "" : code.toString().trim();
        if (text.isEmpty() || text.equals("0")) {
            return null;
        }
        ErrorBody error = new ErrorBody();
        error.code = text;
        error.type = NAMES.get(text);
        error.message = status.get("status_msg") instanceof String message && !message.isBlank() ? message : null;
        return error;
    }
}
