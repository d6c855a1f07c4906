package dev.kimi.langchain4j;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.error.TruncatedStreamException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.NonRetriableException;
import dev.langchain4j.exception.RetriableException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.exception.UnresolvedModelServerException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The client's failures as LangChain4j's, with the client's as the cause. */
final class Failures {

    private static final int NOT_FOUND = 404;

    private Failures() {}

    /** Any other failure than the client's stays as it is. */
    static RuntimeException ofAny(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof KimiException known) {
            return of(known);
        }
        return cause instanceof RuntimeException unchecked ? unchecked : new LangChain4jException(cause);
    }

    static LangChain4jException of(KimiException e) {
        LangChain4jException specific = specific(e);
        if (specific != null) {
            return specific;
        }
        return isRetriable(e)
                ? new RetriableException(e.getMessage(), e)
                : new NonRetriableException(e.getMessage(), e);
    }

    private static @Nullable LangChain4jException specific(KimiException e) {
        String message = e.getMessage();
        if (e instanceof RateLimitException) {
            return new dev.langchain4j.exception.RateLimitException(message, e);
        }
        if (e instanceof AuthenticationException || e instanceof PermissionException) {
            return new dev.langchain4j.exception.AuthenticationException(message, e);
        }
        if (e instanceof DeadlineExceededException) {
            return new TimeoutException(message, e);
        }
        if (e instanceof ContentFilteredException) {
            return new dev.langchain4j.exception.ContentFilteredException(message, e);
        }
        if (e instanceof InvalidRequestException) {
            return e.status() == NOT_FOUND
                    ? new ModelNotFoundException(message, e)
                    : new dev.langchain4j.exception.InvalidRequestException(message, e);
        }
        if (e instanceof ServerException || e instanceof OverloadedException) {
            return new InternalServerException(message, e);
        }
        return e instanceof TransportException transport && transport.permanent()
                ? new UnresolvedModelServerException(message, e)
                : null;
    }

    private static boolean isRetriable(KimiException e) {
        if (e instanceof RejectedException rejected) {
            return switch (rejected.reason()) {
                case QUEUE_FULL, RETRY_BUDGET_EXHAUSTED, THROTTLED -> true;
                case OVER_QUOTA, BODY_NOT_REPLAYABLE, SHUTTING_DOWN, CLOSED -> false;
            };
        }
        return e instanceof TransportException || e instanceof TruncatedStreamException;
    }
}
