package dev.kimi.internal.call;

import dev.kimi.error.KimiException;
import dev.kimi.internal.endpoint.Admission;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.quota.Reservation;
import dev.kimi.quota.Settlement;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What one call holds of an account's quota, or waits for. Used in turns of the call only, but by the admission. */
final class QuotaLease implements Admission.Waiter {

    /** A call that wants quota. It may have left when it is notified. */
    interface Taker {

        /** When waiting has lost its point, on the monotonic clock. */
        long deadlineNanos();

        /** Whether its end is decided already. */
        boolean isAbandoned();

        /** It is admitted: holds the reservation, or gives it back. */
        void admitted(QuotaLease here, Reservation granted);

        /** It is not, and fails with that unless it goes elsewhere. */
        void notAdmitted(QuotaLease here, Function<KimiException.Details, KimiException> reason);
    }

    private final Admission admission;
    private final QuotaRequest wanted;
    private final Taker call;
    private @Nullable Reservation held;

    QuotaLease(Admission admission, QuotaRequest wanted, Taker call) {
        this.admission = admission;
        this.wanted = wanted;
        this.call = call;
    }

    /** Asks to be admitted, and gives the nanoseconds that this will take as far as is known, 0 for at once. */
    long enter() {
        return admission.enter(this);
    }

    /** The nanoseconds until the first of those that wait may be admitted, as far as is known. */
    long firstWaitsNanos() {
        return admission.firstWaitsNanos();
    }

    /** Does not wait any longer. */
    void leave() {
        admission.leave(this);
    }

    @Override
    public QuotaRequest quotaRequest() {
        return wanted;
    }

    @Override
    public long deadlineNanos() {
        return call.deadlineNanos();
    }

    @Override
    public boolean isAbandoned() {
        return call.isAbandoned();
    }

    @Override
    public void admitted(Reservation granted) {
        call.admitted(this, granted);
    }

    @Override
    public void queueFull() {
        call.notAdmitted(this, Failures::queueFull);
    }

    @Override
    public void neverFits(String reason) {
        call.notAdmitted(this, details -> Failures.overQuota(reason, details));
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
