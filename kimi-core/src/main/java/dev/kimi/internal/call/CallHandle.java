package dev.kimi.internal.call;

import dev.kimi.error.KimiException;
import java.util.function.Function;

/** A call as the object sees it that its caller holds. Never blocks. */
interface CallHandle {

    /**
     * Cancels the call; at most the work is left to the thread that is in a turn of it.
     *
     * @param reason makes the exception of what is known of the call when that turn comes
     */
    void cancel(Function<KimiException.Details, KimiException> reason);

    /** What any thread may know of the call. */
    KimiException.Details known();

    /** The first event of the stream was handed over. */
    void firstEventDelivered();
}
