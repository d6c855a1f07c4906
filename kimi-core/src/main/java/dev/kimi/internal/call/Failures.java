package dev.kimi.internal.call;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.KimiException;
import dev.kimi.error.KimiException.LimitScope;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.RejectedException.Reason;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.governor.LimitGate;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.util.DurationText;
import dev.kimi.internal.util.Gunzip;
import dev.kimi.transport.TransportFailure;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Words and types for what goes wrong on this side of the wire; responses of the service are the protocol's. */
final class Failures {

    static final String INTERRUPTED = "its thread was interrupted";

    private Failures() {}

    /** The exchange failed before any response. */
    static KimiException of(TransportFailure failure, ErrorContext context) {
        return of(failure, failure.unprocessed(), context);
    }

    /** The exchange failed after the head of a response had come. */
    static KimiException ofBody(TransportFailure failure, ErrorContext context) {
        return of(failure, false, context);
    }

    private static KimiException of(TransportFailure failure, boolean unprocessed, ErrorContext context) {
        KimiException.Details details = context.details()
                .limitScope(unprocessed ? LimitScope.ENDPOINT : null)
                .build();
        Throwable cause = failure.cause();
        return switch (failure.kind()) {
            case POOL_FULL ->
                new RejectedException(
                        Objects.requireNonNullElse(failure.detail(), "Connection queue is full.")
                                + " Send less at a time, or raise kimi.transport.max-connections.",
                        details,
                        Reason.QUEUE_FULL,
                        cause);
            case POOL_TIMEOUT ->
                new DeadlineExceededException(
                        "No connection became available within kimi.timeout.pool-wait. Send less at a time, or raise"
                                + " kimi.transport.max-connections.",
                        details,
                        Phase.POOL_WAIT,
                        cause);
            case CONNECT_TIMEOUT ->
                new DeadlineExceededException(
                        Objects.requireNonNullElse(
                                failure.detail(),
                                "The connection did not open within kimi.timeout.connect. Check kimi.base-url and the"
                                        + " network."),
                        details,
                        Phase.CONNECT,
                        cause);
            case DEADLINE ->
                new DeadlineExceededException(
                        "The call's deadline passed before the service could respond. Raise kimi.timeout.total or the"
                                + " request's deadline if calls may take so long.",
                        details,
                        unprocessed ? Phase.POOL_WAIT : Phase.HEADERS,
                        cause);
            case CLOSED -> closed(details);
            case REQUEST_BODY -> new TransportException(words(failure), details, false, true, cause);
            default -> new TransportException(words(failure), details, unprocessed, failure.permanent(), cause);
        };
    }

    private static String words(TransportFailure failure) {
        String detail = failure.detail();
        return detail != null ? detail : message(failure.kind());
    }

    private static String message(TransportFailure.Kind kind) {
        return switch (kind) {
            case STALE_CONNECTION -> "The service had closed a pooled connection.";
            case IDLE_CLOSE ->
                "The service closed a reused connection without a response to the request. Whether it processed the"
                        + " request is not known.";
            case CONNECT -> "The service cannot be reached. Check kimi.base-url and the network.";
            case UNKNOWN_HOST -> "The host name of the service has no address. Check kimi.base-url and DNS.";
            case TLS -> "The TLS handshake with the service failed, or TLS broke later.";
            case TLS_MISMATCH ->
                "The TLS handshake with the service cannot succeed with these settings. Check kimi.base-url, the client"
                        + " certificate and the protocols and cipher suites.";
            case PROXY -> "The proxy rejected the connection. Check kimi.transport.proxy.";
            case CERTIFICATE ->
                "The service's TLS certificate is not trusted, has expired or is for another host. Check kimi.base-url"
                        + " and kimi.transport.trust-certificates.";
            case REFUSED -> "The service refused the HTTP/2 stream without processing it.";
            case PING_TIMEOUT -> "The connection was closed because the service did not acknowledge an HTTP/2 PING.";
            case REQUEST_BODY -> "The source of the request's body failed; the cause says how.";
            case PROTOCOL -> "The response violates HTTP. Check kimi.base-url.";
            default -> "The connection broke before the response was complete.";
        };
    }

    static KimiException truncated(
            TruncatedStreamException.Partial partial, @Nullable Throwable cause, ErrorContext context) {
        return new TruncatedStreamException(
                "The stream ended without its end mark. What had arrived is in partial(); ask again for the rest.",
                context.details().build(),
                partial,
                cause);
    }

    /** A body that its caller has the beginning of. */
    static KimiException bodyBroken(long bytes, @Nullable Throwable cause, ErrorContext context) {
        return new TruncatedStreamException(
                "The response body broke off after " + bytes + " bytes. Discard them or ask for the rest.",
                context.details().build(),
                TruncatedStreamException.Partial.NOTHING,
                cause);
    }

    /** A packed body that its caller has the beginning of. */
    static KimiException bodyGarbled(long bytes, Gunzip.BadBody cause, ErrorContext context) {
        return new TruncatedStreamException(
                "The response body cannot be decompressed beyond its first " + bytes + " bytes. If a proxy compresses"
                        + " it, use gzip or none.",
                context.details().build(),
                TruncatedStreamException.Partial.NOTHING,
                cause);
    }

    static KimiException unreadable(Throwable cause, ErrorContext context) {
        return new ServerException(
                "The response could not be read.", context.details().build(), cause);
    }

    /** The body came packed, and is not what it is said to be. */
    static KimiException unpackable(Gunzip.BadBody cause, ErrorContext context) {
        return new ServerException(
                "The response could not be decompressed. If a proxy compresses it, use gzip or none.",
                context.details().build(),
                cause);
    }

    /** The body of a stream came packed, and turned unreadable after some of it had been delivered. */
    static KimiException garbled(TruncatedStreamException.Partial partial, Gunzip.BadBody cause, ErrorContext context) {
        return new TruncatedStreamException(
                "The rest of the stream cannot be decompressed. What had arrived is in partial(); ask again for the"
                        + " rest.",
                context.details().build(),
                partial,
                cause);
    }

    /** Something that must not throw did: a plug-in, or this library. */
    static KimiException broken(RuntimeException cause, ErrorContext context) {
        return new TransportException(
                "The call failed within this library or one of its plug-ins; the cause says where.",
                context.details().build(),
                false,
                cause);
    }

    /** @param gate where the call was held back, or null when it was not */
    static KimiException timedOut(
            PassedLimit passed,
            @Nullable LimitGate gate,
            @Nullable KimiException recoveringFrom,
            ErrorContext context) {
        KimiException.Details.Builder details = context.details();
        if (recoveringFrom != null && context.status() == 0) {
            details.status(recoveringFrom.status())
                    .errorType(recoveringFrom.errorType())
                    .requestId(recoveringFrom.requestId())
                    .retry(recoveringFrom.retryAfter(), recoveringFrom.retryAt());
        }
        String limit = "The time limit of " + DurationText.of(passed.limit());
        String whole = passed.whole();
        return new DeadlineExceededException(
                whole == null
                        ? limit + " passed while " + doing(passed.phase()) + "."
                        : limit + " for the whole call (" + whole + ") passed while "
                                + (gate == null ? doingOfCall(passed.phase()) : heldBack(gate, context))
                                + ". Raise " + whole + " if calls may take so long.",
                details.build(),
                passed.phase(),
                recoveringFrom);
    }

    /** A stream waits for its head no longer, although no limit has passed. */
    static KimiException silent(Duration waited, ErrorContext context) {
        return new DeadlineExceededException(
                "No response headers came within " + DurationText.of(waited)
                        + ", and the circuit of the endpoint has opened since.",
                context.details().build(),
                Phase.HEADERS,
                null);
    }

    /** Another attempt of the same call has delivered. */
    static KimiException lost(String winner, KimiException.Details details) {
        return new CallCancelledException(
                "This attempt was cancelled, since the one at endpoint '" + winner + "' responded first.",
                details,
                null);
    }

    /** Without the advice to raise the limit of the phase, which was not the one that passed. */
    private static String doingOfCall(Phase phase) {
        return switch (phase) {
            case HEADERS -> "waiting for response headers";
            case FIRST_EVENT -> "waiting for the response to begin";
            case IDLE, QUIET -> "reading the stream";
            case QUEUED, RATE_LIMITED, CREDENTIALS, POOL_WAIT, CONNECT, BACK_OFF -> doing(phase);
        };
    }

    private static String doing(Phase phase) {
        return switch (phase) {
            case QUEUED -> "waiting for the account's quota; raise kimi.quota.* or send less";
            case RATE_LIMITED -> "held back by a rate limit of the service; send less or raise that limit";
            case CREDENTIALS -> "waiting for credentials; check the token endpoint";
            case POOL_WAIT -> "waiting for a connection; raise kimi.transport.max-connections or send less";
            case CONNECT -> "connecting; check kimi.base-url and the network";
            case HEADERS ->
                "waiting for response headers; raise kimi.timeout.headers if the service is known to be slow";
            case FIRST_EVENT ->
                "waiting for the response to begin; raise kimi.timeout.first-event, or stream long responses";
            case IDLE ->
                "the stream was silent, without as much as a keep-alive; raise kimi.timeout.idle if such pauses are"
                        + " healthy";
            case QUIET ->
                "the stream sent keep-alives and no content; raise kimi.timeout.quiet if such pauses are healthy";
            case BACK_OFF -> "waiting to try again";
        };
    }

    /** What a credentials provider failed with: its own typed exception, or a failure that may pass. */
    static KimiException ofCredentials(Throwable failure, ErrorContext context) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof KimiException typed) {
            return typed;
        }
        return new AuthenticationException(
                "Failed to obtain credentials: the credentials provider failed.",
                context.details().build(),
                cause);
    }

    static KimiException retryBudgetExhausted(KimiException original) {
        return new RejectedException(
                "Retry budget exhausted: too many calls failed recently, so this one was not retried. The cause is the"
                        + " last failure.",
                copyOf(original),
                Reason.RETRY_BUDGET_EXHAUSTED,
                original);
    }

    static KimiException bodyNotReplayable(KimiException original) {
        return new RejectedException(
                "Not sent again: the request's body can be read only once, and an attempt had begun to read it. The"
                        + " cause is the failure of that attempt. Send a file, bytes or a source that can be opened"
                        + " again.",
                copyOf(original),
                Reason.BODY_NOT_REPLAYABLE,
                original);
    }

    /** What another call in the scope of the limit got from the service, so that this one need not be sent. */
    static KimiException gateClosed(LimitGate gate, @Nullable KimiException recoveringFrom, ErrorContext context) {
        Duration askedFor = gate.askedFor();
        return new RateLimitException(
                "Not sent: " + limitOf(gate, context)
                        + " is reached, and the service asked all calls in its scope to wait "
                        + DurationText.of(askedFor)
                        + ", beyond what this call can. Ask again at retryAt(), or send less.",
                context.details()
                        .retry(askedFor, context.now().plus(askedFor))
                        .limitScope(scopeOf(gate))
                        .build(),
                gate.limit(),
                recoveringFrom);
    }

    static KimiException gateFull(LimitGate gate, ErrorContext context) {
        return new RejectedException(
                "Rate-limit queue is full (" + limitOf(gate, context) + "). Send less at a time.",
                context.details().limitScope(scopeOf(gate)).build(),
                Reason.QUEUE_FULL,
                null);
    }

    private static LimitScope scopeOf(LimitGate gate) {
        return gate.modelClass() == null ? LimitScope.ACCOUNT : LimitScope.ACCOUNT_MODEL_CLASS;
    }

    private static String heldBack(LimitGate gate, ErrorContext context) {
        return "held back, since " + limitOf(gate, context) + " is reached; send less or raise that limit";
    }

    private static String limitOf(LimitGate gate, ErrorContext context) {
        String what = switch (gate.limit()) {
            case CONCURRENCY -> "limit of concurrent requests";
            case REQUESTS_PER_MINUTE -> "limit of requests per minute";
            case TOKENS_PER_MINUTE -> "limit of tokens per minute";
            case TOKENS_PER_DAY -> "limit of tokens per day";
            case UNKNOWN -> "rate limit";
        };
        String model = context.shownModel();
        if (gate.modelClass() == null) {
            return "the account's " + what + (model == null ? "" : " (here with model " + model + ")");
        }
        return "the account's " + what + " for " + (model == null ? "this model" : "model " + model);
    }

    static KimiException throttled(@Nullable KimiException recoveringFrom, ErrorContext context) {
        return new RejectedException(
                "Rejected by adaptive throttling: the service rejected or failed most recent calls. One call a second"
                        + " is still sent to find out whether it has recovered.",
                context.details().build(),
                Reason.THROTTLED,
                recoveringFrom);
    }

    private static KimiException.Details copyOf(KimiException original) {
        return KimiException.Details.builder()
                .status(original.status())
                .errorType(original.errorType())
                .requestId(original.requestId())
                .attempts(original.attempts())
                .elapsed(original.elapsed())
                .retry(original.retryAfter(), original.retryAt())
                .limitScope(original.limitScope())
                .build();
    }

    static KimiException queueFull(KimiException.Details details) {
        return new RejectedException("Quota queue is full. Send less at a time.", details, Reason.QUEUE_FULL, null);
    }

    static KimiException overQuota(String reason, KimiException.Details details) {
        return new RejectedException(
                "The call can never fit the account's limits: " + reason + ".", details, Reason.OVER_QUOTA, null);
    }

    static RejectedException shuttingDown(KimiException.Details details) {
        return new RejectedException(
                "The client is shutting down and takes no new calls; those that had begun may end. Send the request"
                        + " again once the application has restarted, or to another instance.",
                details,
                Reason.SHUTTING_DOWN,
                null);
    }

    /** The call had begun before its client was shut down, and has not ended since. */
    static KimiException cutShort(Duration limit, KimiException.Details details) {
        return new CallCancelledException(
                "The call was cancelled: its client is shutting down, and calls under way had "
                        + DurationText.of(limit) + " to end. If calls take longer, shut down with a longer limit; in"
                        + " Spring Boot that is spring.lifecycle.timeout-per-shutdown-phase.",
                details,
                null);
    }

    static RejectedException closed(KimiException.Details details) {
        return new RejectedException("The client is closed.", details, Reason.CLOSED, null);
    }

    static CallCancelledException cancelled(String by, KimiException.Details details) {
        return new CallCancelledException("The call was cancelled: " + by + ".", details, null);
    }
}
