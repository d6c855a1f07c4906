package dev.kimi.internal.call;

/** Who keeps the calls that are under way. */
interface CallOwner {

    /** Whether nothing may be sent any more. */
    boolean closed();

    /** Lets the rest of the attempt's body come, so that its connection can serve again. */
    void linger(Attempt attempt);

    /** The call has ended. */
    void ended(CallHandle call);
}
