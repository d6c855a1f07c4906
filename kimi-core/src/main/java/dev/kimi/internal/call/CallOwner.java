package dev.kimi.internal.call;

import dev.kimi.error.KimiException;

/** Who keeps the calls that are under way. */
interface CallOwner {

    /** Whether nothing may be sent any more. */
    boolean closed();

    /** What a call fails with that finds it closed. */
    KimiException closing(KimiException.Details details);

    /** Lets the rest of the attempt's body come, so that its connection can serve again. */
    void linger(Attempt attempt);

    /** The call has ended, and its caller was given the outcome. */
    void ended(CallHandle call);
}
