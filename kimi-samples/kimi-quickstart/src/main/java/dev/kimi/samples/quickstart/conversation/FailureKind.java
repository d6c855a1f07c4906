package dev.kimi.samples.quickstart.conversation;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.error.TruncatedStreamException;

/** One word for each failure that a reader can do something about. */
public final class FailureKind {

    private FailureKind() {}

    /** The word that the page and the bulk output use. */
    public static String of(Throwable failure) {
        if (failure instanceof RateLimitException) {
            return "rate-limit";
        } else if (failure instanceof OverloadedException) {
            return "overloaded";
        } else if (failure instanceof QuotaExceededException) {
            return "quota";
        } else if (failure instanceof AuthenticationException || failure instanceof PermissionException) {
            return "authentication";
        } else if (failure instanceof InvalidRequestException || failure instanceof ContentFilteredException) {
            return "invalid-request";
        } else if (failure instanceof TruncatedStreamException) {
            return "truncated";
        } else if (failure instanceof DeadlineExceededException) {
            return "timeout";
        } else if (failure instanceof ServerException || failure instanceof TransportException) {
            return "server";
        } else if (failure instanceof RejectedException) {
            return "rejected";
        }
        return "other";
    }
}
