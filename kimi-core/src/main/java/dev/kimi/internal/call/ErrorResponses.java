package dev.kimi.internal.call;

import dev.kimi.error.KimiException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The error responses of one call, the last of each endpoint. Used in turns of the call only. */
final class ErrorResponses {

    private List<ErrorResponse> last = List.of();

    void add(ErrorResponse response) {
        List<ErrorResponse> all = new ArrayList<>(last);
        all.removeIf(before -> before.mark().endpoint().equals(response.mark().endpoint()));
        all.add(response);
        last = all;
    }

    /** The one that the call fails with or because of, or null when it fails for another reason. */
    @Nullable ErrorResponse behind(KimiException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            for (ErrorResponse response : last) {
                if (response.failure() == cause) {
                    return response;
                }
            }
        }
        return null;
    }
}
