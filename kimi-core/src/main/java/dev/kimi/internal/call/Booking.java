package dev.kimi.internal.call;

import dev.kimi.chat.Usage;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.KimiException;
import dev.kimi.error.RateLimitException;
import dev.kimi.internal.endpoint.Admission;
import dev.kimi.quota.Reservation;
import org.jspecify.annotations.Nullable;

/** What one call holds of its account's quota. Used in turns of the call only. */
final class Booking {

    private final Admission admission;
    private @Nullable Reservation held;

    Booking(Admission admission) {
        this.admission = admission;
    }

    void hold(Reservation granted) {
        held = granted;
    }

    /** The call had ended before it was admitted. */
    void refuse(Reservation granted) {
        admission.settle(granted, 0);
    }

    /**
     * The call has ended, or goes on elsewhere: gives back what it did not use.
     *
     * @param attempts how often it was sent on this reservation
     */
    void settle(int attempts, Usage usage, @Nullable KimiException failure) {
        Reservation reservation = held;
        if (reservation != null) {
            held = null;
            admission.settle(reservation, used(attempts, usage, failure));
        }
    }

    private static long used(int attempts, Usage usage, @Nullable KimiException failure) {
        if (attempts == 0 || failure instanceof RateLimitException || failure instanceof AuthenticationException) {
            return 0;
        }
        return usage == Usage.NONE ? -1 : usage.totalTokens();
    }
}
