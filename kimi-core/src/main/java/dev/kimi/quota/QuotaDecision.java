package dev.kimi.quota;

import java.time.Duration;
import java.util.Objects;

/**
 * Whether a call may be sent now. Made by the methods of this interface. Quotas that wrap others pass on a decision
 * that they do not know: kinds may be added.
 */
public sealed interface QuotaDecision {

    /** Everything was reserved, at once and as a whole. */
    static QuotaDecision granted(Reservation reservation) {
        return new Granted(reservation);
    }

    /**
     * Nothing was reserved. The engine calls {@link Quota#reserve} again after that time, and before it when a
     * reservation of the account was settled or the quota {@linkplain Quota#subscribe notified} it of capacity.
     *
     * @param delay anything below a millisecond counts as one
     */
    static QuotaDecision later(Duration delay) {
        return new Later(delay);
    }

    /**
     * It can never be: the call is larger than the limit.
     *
     * @param reason which limit and with which numbers, without content and without a period at its end
     */
    static QuotaDecision never(String reason) {
        return new Never(reason);
    }

    /** Everything was reserved. */
    final class Granted implements QuotaDecision {
        private final Reservation reservation;

        private Granted(Reservation reservation) {
            this.reservation = Objects.requireNonNull(reservation, "reservation");
        }

        public Reservation reservation() {
            return reservation;
        }

        @Override
        public String toString() {
            return "granted";
        }
    }

    /** Nothing was reserved. */
    final class Later implements QuotaDecision {
        private final Duration delay;

        private Later(Duration delay) {
            this.delay = Objects.requireNonNull(delay, "delay");
        }

        public Duration delay() {
            return delay;
        }

        @Override
        public String toString() {
            return "later, in " + delay;
        }
    }

    /** It can never be. */
    final class Never implements QuotaDecision {
        private final String reason;

        private Never(String reason) {
            this.reason = Objects.requireNonNull(reason, "reason");
        }

        public String reason() {
            return reason;
        }

        @Override
        public String toString() {
            return "never: " + reason;
        }
    }
}
