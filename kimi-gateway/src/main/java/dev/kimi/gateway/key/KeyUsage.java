package dev.kimi.gateway.key;

import java.math.BigDecimal;

/**
 * What a key has used.
 *
 * @param inFlight calls that hold a place on this instance
 * @param spentToday US dollars since the day began, of all instances that share a store
 * @param spentThisMonth the same since the month began
 * @param reserved US dollars that calls in flight may cost at most
 */
public record KeyUsage(int inFlight, BigDecimal spentToday, BigDecimal spentThisMonth, BigDecimal reserved) {

    /** Of a key that was not used. */
    public static final KeyUsage NONE = new KeyUsage(0, BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO);
}
