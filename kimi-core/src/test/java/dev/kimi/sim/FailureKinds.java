package dev.kimi.sim;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RejectedException;
import org.jspecify.annotations.Nullable;

/** What follows from the type of a failure alone. */
final class FailureKinds {

    private FailureKinds() {}

    static boolean canPass(KimiException failure) {
        return !(failure instanceof InvalidRequestException)
                && !(failure instanceof PermissionException)
                && !(failure instanceof QuotaExceededException)
                && !(failure instanceof ContentFilteredException)
                && !(failure instanceof AuthenticationException)
                && !(failure instanceof CallCancelledException);
    }

    static boolean isAboutTheRequest(@Nullable KimiException failure) {
        return failure instanceof InvalidRequestException || failure instanceof ContentFilteredException;
    }

    static boolean isFromOutside(KimiException failure) {
        return failure instanceof RejectedException || failure instanceof DeadlineExceededException;
    }

    static boolean isRefusedKey(@Nullable KimiException failure) {
        return failure instanceof AuthenticationException && failure.status() == 401;
    }
}
