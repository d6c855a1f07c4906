package dev.kimi.internal.call;

import dev.kimi.error.DeadlineExceededException.Phase;
import org.jspecify.annotations.Nullable;

/**
 * Where a call stands, on its way by a {@link Track}.
 *
 * <pre>{@code
 * NEW -> QUEUED -> GATED -> CREDENTIALS -> SENDING -> RECEIVING -> DONE
 *                    ^                                   |
 *                    +------------- BACK_OFF <-----------+        (and DONE from everywhere)
 * }</pre>
 */
enum CallState {
    NEW,
    QUEUED,
    GATED,
    CREDENTIALS,
    SENDING,
    RECEIVING,
    BACK_OFF,
    DONE;

    /** The caller's word for what the call is doing. */
    Phase phase(boolean streamed, @Nullable Attempt attempt) {
        return switch (this) {
            case NEW, QUEUED, DONE -> Phase.QUEUED;
            case GATED -> Phase.RATE_LIMITED;
            case CREDENTIALS -> Phase.CREDENTIALS;
            case SENDING -> {
                Phase sending = attempt == null ? Phase.HEADERS : attempt.phase();
                yield sending == Phase.HEADERS && !streamed ? Phase.FIRST_EVENT : sending;
            }
            case RECEIVING -> attempt != null && attempt.contentBegun() ? Phase.IDLE : Phase.FIRST_EVENT;
            case BACK_OFF -> Phase.BACK_OFF;
        };
    }
}
