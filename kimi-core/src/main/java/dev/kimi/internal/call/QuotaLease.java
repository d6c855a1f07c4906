package dev.kimi.internal.call;

import dev.kimi.internal.endpoint.Admission;
import dev.kimi.quota.Reservation;
import dev.kimi.quota.Settlement;
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
    void giveBack(Reservation granted) {
        admission.settle(granted, Settlement.notCounted());
    }

    boolean isHeld() {
        return held != null;
    }

    /** The call has ended, or goes on elsewhere. */
    void settle(Settlement settlement) {
        Reservation reservation = held;
        if (reservation != null) {
            held = null;
            admission.settle(reservation, settlement);
        }
    }
}
