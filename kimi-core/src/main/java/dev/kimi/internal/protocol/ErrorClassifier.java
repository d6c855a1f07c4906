package dev.kimi.internal.protocol;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.KimiException;
import dev.kimi.error.KimiException.LimitScope;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.ServerException;
import dev.kimi.internal.util.ErrorTextRedactor;
import dev.kimi.transport.Headers;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The only place that decides what a failure is, for both protocols. What the service's names and words are about
 * counts before the status ({@link ErrorMeaning}): a 429 may be a rate, an overload or an empty account; an account may
 * be empty with any status; and a wrong key may come as 400. Where they say nothing the status that came is kept,
 * however strange the name beside it. An error within a 2xx has the status that it names itself, by number, by a word
 * of gRPC, or by a name that stands for one.
 */
public final class ErrorClassifier {

    /** Statuses that names stand for where an error comes without a status of its own, in a stream. */
    private static final Map<String, Integer> STATUS_OF_NAME = Map.ofEntries(
            Map.entry("invalid_request_error", 400),
            Map.entry("invalid_request", 400),
            Map.entry("invalid_parameter", 400),
            Map.entry("invalid_parameter_error", 400),
            Map.entry("invalidparameter", 400),
            Map.entry("bad_request", 400),
            Map.entry("badrequesterror", 400),
            Map.entry("context_length_exceeded", 400),
            Map.entry("unauthorized", 401),
            Map.entry("permission_error", 403),
            Map.entry("permission_denied_error", 403),
            Map.entry("access_denied", 403),
            Map.entry("forbidden", 403),
            Map.entry("not_found_error", 404),
            Map.entry("notfounderror", 404),
            Map.entry("model_not_found", 404),
            Map.entry("resource_not_found_error", 404),
            Map.entry("request_too_large", 413),
            Map.entry("exceeded_current_quota_error", 429),
            Map.entry("engine_overloaded_error", 429),
            Map.entry("service_unavailable", 503),
            Map.entry("serviceunavailable", 503),
            Map.entry("timeout_error", 504));

    private ErrorClassifier() {}

    /** The exception for a response, or for an error inside a stream, whose status is the 2xx that it began with. */
    public static KimiException classify(int status, Headers headers, ErrorBody body, ErrorContext context) {
        Duration after = RetryHints.later(RetryHints.find(headers, body.message, context.now()), body.hint());
        KimiException.Details.Builder details = context.details()
                .status(status)
                .errorType(body.name())
                .requestId(RequestIds.find(headers, body.requestId))
                .retry(after, after == null ? null : context.now().plus(after));
        int named = status >= 300 ? status : namedStatus(body);
        ErrorMeaning meaning = isForGood(named, headers, after) ? ErrorMeaning.QUOTA : ErrorMeaning.of(named, body);
        int effective = named != 0 ? named : meaning.usualStatus();
        String said = said(effective, body);
        String lackedScope = BearerChallenge.lackedScope(status, headers);
        if (lackedScope != null) {
            return insufficientScope(said, lackedScope, details.build());
        }
        return switch (meaning) {
            case QUOTA ->
                new QuotaExceededException(
                        said + " The account has no balance or quota left: recharge it or raise its quota.",
                        details.build(),
                        null);
            case FILTER ->
                new ContentFilteredException(
                        said + " The service rejects this content; sending it again gets the same response.",
                        details.build(),
                        null);
            case KEY -> authentication(said, details.build());
            case OVERLOAD -> overloaded(said, details.limitScope(LimitScope.ENDPOINT_MODEL));
            case RATE -> RateLimits.exception(said, body.words(), headers, details, context);
            case UNKNOWN ->
                effective == 429
                        ? RateLimits.exception(said, body.words(), headers, details, context)
                        : byStatus(effective, said, details.limitScope(scope(effective)), body, context);
        };
    }

    /** The error as one in a response whose status was good. */
    public static StreamFailure inResponse(Headers headers, ErrorBody body) {
        return StreamFailure.reported(
                "The service reported an error in the response",
                context -> classify(UnreadableResponse.status(context), headers, body, context));
    }

    /** A limit that no wait ends, such as one on what is spent in a month: some services say that in a header alone. */
    private static boolean isForGood(int status, Headers headers, @Nullable Duration after) {
        String retry = headers.first("x-should-retry");
        return status == 429 && after == null && retry != null && retry.trim().equalsIgnoreCase("false");
    }

    /** What the status would have been, had the error come before the stream began; 0 where nothing says. */
    private static int namedStatus(ErrorBody body) {
        int status = body.status();
        if (status != 0) {
            return status;
        }
        return body.names().stream()
                .mapToInt(name -> STATUS_OF_NAME.getOrDefault(name.toLowerCase(Locale.ROOT), 0))
                .filter(known -> known != 0)
                .findFirst()
                .orElse(0);
    }

    /** The scope of a status whose body does not name one: what stands before a service, or its model. */
    private static @Nullable LimitScope scope(int status) {
        return switch (status) {
            case 502, 503 -> LimitScope.ENDPOINT;
            case 504, 529 -> LimitScope.ENDPOINT_MODEL;
            default -> null;
        };
    }

    private static KimiException byStatus(
            int status, String said, KimiException.Details.Builder known, ErrorBody body, ErrorContext context) {
        KimiException.Details details = known.build();
        return switch (status) {
            case 401 -> authentication(said, details);
            case 403 ->
                new PermissionException(
                        said + " The key is good but may not do this: check its rights.", details, null);
            case 408, 409, 425 -> new ServerException(said + " Trying again may help.", details, null);
            case 503, 529 -> overloaded(said, known);
            case 504 ->
                new ServerException(
                        said + " The gateway timed out: stream the response, or request less at once.", details, null);
            default ->
                status >= 500
                        ? new ServerException(said + " The service failed; trying again may help.", details, null)
                        : BadRequestHints.explain(status, said, body, details, context.counting());
        };
    }

    private static KimiException authentication(String said, KimiException.Details details) {
        return new AuthenticationException(
                said + " Check the key and that it belongs to this host: keys of one platform do not work on another.",
                details,
                null);
    }

    /** Another token would lack it too, so the status of a 401 does not count. */
    private static KimiException insufficientScope(String said, String scope, KimiException.Details details) {
        String lacked = scope.isEmpty() ? "a scope that the service does not name" : "the scope '" + scope + "'";
        return new PermissionException(
                said + " The token is good but lacks " + lacked
                        + " (insufficient_scope), and a new one would too: request it with kimi.auth.scope, and have it"
                        + " granted to the client.",
                details,
                null);
    }

    private static KimiException overloaded(String said, KimiException.Details.Builder details) {
        return new OverloadedException(
                said + " The service has no capacity left for anybody; try again later.", details.build(), null);
    }

    /** {@code 429 rate_limit_reached_error: "…"}, or without what is not known or cannot be shown. */
    private static String said(int status, ErrorBody body) {
        String text = ErrorTextRedactor.of(body.message);
        String name = body.name();
        boolean showName =
                name != null && !name.equals(String.valueOf(status)) && ErrorTextRedactor.isHarmlessName(name);
        return "The service answered " + status + (showName ? " " + name : "")
                + (text == null ? "." : ": \"" + text + "\".");
    }
}
