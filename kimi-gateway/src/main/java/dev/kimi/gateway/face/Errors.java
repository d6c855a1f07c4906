package dev.kimi.gateway.face;

import dev.kimi.chat.Provenance;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.TransportException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayError.Kind;
import dev.kimi.gateway.dialect.GatewayException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** What a failure of the engine or of the gateway means for a client. The one place that says so. */
final class Errors {

    private static final Duration SOON = Duration.ofSeconds(1);

    private Errors() {}

    /** For any failure; null for a response that has ended without one and was not whole. */
    static GatewayError ofThrowable(@Nullable Throwable failure, String protocol) {
        Throwable cause = failure == null ? null : unwrapped(failure);
        if (cause instanceof GatewayException rejected) {
            return rejected.error();
        }
        if (cause instanceof KimiException ofEngine) {
            return of(ofEngine, null, protocol);
        }
        return GatewayError.of(Kind.API, failure == null ? 502 : 500, "The gateway failed; try again.");
    }

    /** The failure that a future was completed with. */
    static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** @param serviceText what the service itself has said, or null */
    static GatewayError of(KimiException failure, @Nullable String serviceText, String protocol) {
        String text = Objects.requireNonNullElseGet(
                serviceText, () -> Objects.requireNonNullElse(failure.getMessage(), "no message"));
        if (failure instanceof AuthenticationException || failure instanceof PermissionException) {
            return ofCredentials(failure.status());
        }
        if (failure instanceof InvalidRequestException invalid) {
            return ofInvalid(invalid, text);
        }
        if (failure instanceof ContentFilteredException) {
            return GatewayError.of(Kind.INVALID_REQUEST, 400, text);
        }
        if (failure instanceof QuotaExceededException) {
            return GatewayError.of(Kind.BUDGET, 429, text).isFinal();
        }
        if (failure instanceof RateLimitException limited) {
            return rateLimited(limited.retryAfter(), text);
        }
        if (failure instanceof OverloadedException overloaded) {
            return overloaded(overloaded.retryAfter(), text, protocol);
        }
        if (failure instanceof RejectedException rejected) {
            return ofRejected(rejected, text, protocol);
        }
        if (failure instanceof DeadlineExceededException late) {
            return ofLate(late, text, protocol);
        }
        if (failure instanceof TransportException || failure instanceof TruncatedStreamException) {
            return GatewayError.of(Kind.API, 502, text).retryAfter(failure.retryAfter());
        }
        if (failure instanceof CallCancelledException) {
            return overloaded(null, "The gateway is shutting down; send the request again.", protocol);
        }
        return failure.status() == 504
                ? GatewayError.of(Kind.TIMEOUT, 504, text)
                : GatewayError.of(Kind.API, 502, text).retryAfter(failure.retryAfter());
    }

    /** A 401 would let clients tell their users to log in, who can do nothing about it. */
    static GatewayError ofCredentials(int status) {
        return GatewayError.of(
                Kind.API,
                502,
                "The service does not accept the credentials of the gateway (" + status
                        + "). Your own key is good; whoever runs the gateway has to look at its configuration.");
    }

    private static GatewayError ofInvalid(InvalidRequestException invalid, String text) {
        if (invalid.status() == 413) {
            return GatewayError.of(Kind.TOO_LARGE, 413, text);
        }
        if (invalid.reason() == InvalidRequestException.Reason.TOO_LONG) {
            return GatewayError.of(Kind.PROMPT_TOO_LONG, 400, "prompt is too long: " + text);
        }
        if (invalid.status() == 404 || invalid.reason() == InvalidRequestException.Reason.NOT_OFFERED) {
            return GatewayError.of(Kind.NOT_FOUND, 404, text);
        }
        return GatewayError.of(Kind.INVALID_REQUEST, 400, text);
    }

    private static GatewayError ofRejected(RejectedException rejected, String text, String protocol) {
        return switch (rejected.reason()) {
            case OVER_QUOTA -> GatewayError.of(Kind.BUDGET, 429, text).isFinal();
            case BODY_NOT_REPLAYABLE ->
                rejected.getCause() instanceof KimiException cause
                        ? of(cause, null, protocol)
                        : GatewayError.of(Kind.API, 502, text);
            default -> overloaded(rejected.retryAfter(), text, protocol);
        };
    }

    private static GatewayError ofLate(DeadlineExceededException late, String text, String protocol) {
        return switch (late.phase()) {
            case RATE_LIMITED -> rateLimited(late.retryAfter(), text);
            case QUEUED, POOL_WAIT -> overloaded(late.retryAfter(), text, protocol);
            default -> GatewayError.of(Kind.TIMEOUT, 504, text);
        };
    }

    private static GatewayError rateLimited(@Nullable Duration wait, String text) {
        return GatewayError.of(Kind.RATE_LIMIT, 429, text).retryAfter(wait == null ? SOON : wait);
    }

    /** Claude's clients know 529; of others a status that HTTP knows is understood. */
    private static GatewayError overloaded(@Nullable Duration wait, String text, String protocol) {
        int status = protocol.equals(Provenance.ANTHROPIC) ? 529 : 503;
        return GatewayError.of(Kind.OVERLOADED, status, text).retryAfter(wait == null ? SOON : wait);
    }

    /** Whether a service may have worked on a call that ended with this error response or failure. */
    static boolean mayHaveWorked(KimiException failure) {
        return failure.attempts() > 0
                && !(failure instanceof InvalidRequestException
                        || failure instanceof AuthenticationException
                        || failure instanceof PermissionException
                        || failure instanceof RateLimitException
                        || failure instanceof QuotaExceededException
                        || failure instanceof OverloadedException);
    }
}
