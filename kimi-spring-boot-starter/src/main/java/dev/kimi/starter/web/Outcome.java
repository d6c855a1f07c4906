package dev.kimi.starter.web;

import dev.kimi.error.CallCancelledException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.error.TruncatedStreamException;
import org.springframework.http.HttpStatus;

/** What the caller of this application can make of a failure. */
enum Outcome {
    /** The account is at a limit, the service's or one of {@code kimi.quota}. */
    RATE_LIMIT(HttpStatus.TOO_MANY_REQUESTS, true, false, "Too many requests to the language model. Try again later."),
    /** Service or client take no more for now. */
    BUSY(HttpStatus.SERVICE_UNAVAILABLE, true, false, "The language model is busy. Try again later."),
    /** No connection. */
    UNREACHABLE(HttpStatus.SERVICE_UNAVAILABLE, true, false, "The language model cannot be reached. Try again later."),
    /** The client is shutting down or closed, or the call was cancelled on this side. */
    CLOSED(HttpStatus.SERVICE_UNAVAILABLE, false, false, "The request was cancelled."),
    /** The account has no balance. */
    NO_BALANCE(HttpStatus.SERVICE_UNAVAILABLE, false, true, "The language model is not available."),
    TIMEOUT(HttpStatus.GATEWAY_TIMEOUT, false, false, "The language model did not respond in time."),
    BROKEN(HttpStatus.BAD_GATEWAY, false, false, "The response of the language model failed or ended early."),
    /** Host name or certificate. */
    MISCONNECTED(HttpStatus.BAD_GATEWAY, false, true, "The language model cannot be reached."),
    TOO_LONG(HttpStatus.CONTENT_TOO_LARGE, false, false, "The request is too long for the language model."),
    FILTERED(HttpStatus.UNPROCESSABLE_CONTENT, false, false, "The language model rejected this content."),
    /** Key, rights, settings, or a request that this application made wrong. */
    APPLICATION(HttpStatus.INTERNAL_SERVER_ERROR, false, true, "The application could not use the language model.");

    private final HttpStatus status;
    private final boolean passes;
    private final boolean needsOperator;
    private final String detail;

    Outcome(HttpStatus status, boolean passes, boolean needsOperator, String detail) {
        this.status = status;
        this.passes = passes;
        this.needsOperator = needsOperator;
        this.detail = detail;
    }

    HttpStatus status() {
        return status;
    }

    /** True when the same request can succeed after a wait. */
    boolean passes() {
        return passes;
    }

    /** True when it goes on until somebody changes a setting, the account or the application. */
    boolean needsOperator() {
        return needsOperator;
    }

    String detail() {
        return detail;
    }

    static Outcome of(KimiException failure) {
        if (failure instanceof RateLimitException) {
            return RATE_LIMIT;
        } else if (failure instanceof OverloadedException) {
            return BUSY;
        } else if (failure instanceof RejectedException rejected) {
            return rejected(rejected.reason());
        } else if (failure instanceof DeadlineExceededException late) {
            return late(late.phase());
        } else if (failure instanceof CallCancelledException) {
            return CLOSED;
        }
        return ofResponse(failure);
    }

    private static Outcome ofResponse(KimiException failure) {
        if (failure instanceof ServerException) {
            return failure.status() == 408 || failure.status() == 504 ? TIMEOUT : BROKEN;
        } else if (failure instanceof TruncatedStreamException) {
            return BROKEN;
        } else if (failure instanceof TransportException transport) {
            return transport.permanent() ? MISCONNECTED : UNREACHABLE;
        } else if (failure instanceof ContentFilteredException) {
            return FILTERED;
        } else if (failure instanceof QuotaExceededException) {
            return NO_BALANCE;
        } else if (failure instanceof InvalidRequestException invalid
                && invalid.reason() == InvalidRequestException.Reason.TOO_LONG) {
            return TOO_LONG;
        }
        return APPLICATION;
    }

    private static Outcome rejected(RejectedException.Reason reason) {
        return switch (reason) {
            case QUEUE_FULL, RETRY_BUDGET_EXHAUSTED, BODY_NOT_REPLAYABLE, THROTTLED -> BUSY;
            case OVER_QUOTA -> TOO_LONG;
            case SHUTTING_DOWN, CLOSED -> CLOSED;
        };
    }

    private static Outcome late(DeadlineExceededException.Phase phase) {
        return switch (phase) {
            // nothing was sent: the quota, or the wait that a 429 asked for, was in the way
            case QUEUED, RATE_LIMITED -> RATE_LIMIT;
            case POOL_WAIT -> BUSY;
            case CREDENTIALS, CONNECT, HEADERS, FIRST_EVENT, IDLE, QUIET, BACK_OFF -> TIMEOUT;
        };
    }
}
