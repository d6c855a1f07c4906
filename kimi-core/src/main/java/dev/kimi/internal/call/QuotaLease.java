package dev.kimi.internal.call;

import dev.kimi.chat.Usage;
import dev.kimi.internal.endpoint.Admission;
import dev.kimi.quota.Reservation;
import org.jspecify.annotations.Nullable;

/** What one call holds of its account's quota. Used in turns of the call only. */
final class QuotaLease {

    private final Admission admission;
    private @Nullable Reservation held;

    QuotaLease(Admission admission) {
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
     * @param counted whether the service may have counted any of the attempts that were made on this reservation
     */
    void settle(boolean counted, Usage usage) {
        Reservation reservation = held;
        if (reservation != null) {
            held = null;
            admission.settle(reservation, used(counted, usage));
        }
    }

    private static long used(boolean counted, Usage usage) {
        if (!counted) {
            return 0;
        }
        return usage == Usage.NONE ? -1 : usage.totalTokens();
    }
}
