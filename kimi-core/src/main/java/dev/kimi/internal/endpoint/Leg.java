package dev.kimi.internal.endpoint;

import dev.kimi.event.CallEvent.Rerouted;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The way of a call to one endpoint.
 *
 * @param endpoint where it goes
 * @param pass where the outcomes of its attempts are reported
 * @param detour why it goes there and not to, or on at, the endpoint where it is; null for none
 */
public record Leg(Endpoint endpoint, Pass pass, @Nullable Detour detour) {

    /** The call stays where it is, or begins where it belongs. */
    public static Leg stay(Endpoint endpoint, Pass pass) {
        return new Leg(endpoint, pass, null);
    }

    /**
     * Why a call goes elsewhere.
     *
     * @param reason in one word
     * @param delay how long it would have waited where it was, zero where that was not the reason
     * @param lostCache what the prompt costs more than from the cache where the call was; null where it is not known,
     *     or nothing was in a cache
     */
    public record Detour(
            Rerouted.Reason reason,
            Duration delay,
            @Nullable Price lostCache) {

        static Detour of(Rerouted.Reason reason) {
            return new Detour(reason, Duration.ZERO, null);
        }
    }

    /**
     * An amount of money.
     *
     * @param amount not negative
     * @param currency such as {@code USD}
     */
    public record Price(BigDecimal amount, String currency) {

        private static final MathContext TWO_DIGITS = new MathContext(2, RoundingMode.HALF_UP);
        private static final int MILLION = 6;

        /** What so many tokens cost at that price for a million. */
        static Price of(long tokens, BigDecimal perMillion, String currency) {
            return new Price(perMillion.multiply(BigDecimal.valueOf(tokens)).movePointLeft(MILLION), currency);
        }

        /** The amount for people, in at most two significant digits. */
        public String rounded() {
            return amount.round(TWO_DIGITS).stripTrailingZeros().toPlainString();
        }
    }
}
