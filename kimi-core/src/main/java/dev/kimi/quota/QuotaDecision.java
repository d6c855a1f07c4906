package dev.kimi.quota;

import java.time.Duration;
import java.util.Objects;

/** The answer to a wish to send. */
public sealed interface QuotaDecision {

    /** Everything was reserved, at once and as a whole. */
    static QuotaDecision granted(Reservation reservation) {
        return new Granted(reservation);
    }

    /** Nothing was reserved; ask again after that time, or when a reservation was settled. */
    static QuotaDecision later(Duration delay) {
        return new Later(delay);
    }

    /** It can never be: the call is larger than the limit. The reason says which, without content. */
    static QuotaDecision never(String reason) {
        return new Never(reason);
    }

    /** Everything was reserved. */
    record Granted(Reservation reservation) implements QuotaDecision {
        public Granted {
            Objects.requireNonNull(reservation, "reservation");
        }
    }

    /** Nothing was reserved; ask again. */
    record Later(Duration delay) implements QuotaDecision {
        public Later {
            Objects.requireNonNull(delay, "delay");
        }
    }

    /** It can never be. */
    record Never(String reason) implements QuotaDecision {
        public Never {
            Objects.requireNonNull(reason, "reason");
        }
    }
}
