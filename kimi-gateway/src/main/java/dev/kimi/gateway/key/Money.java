package dev.kimi.gateway.key;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Amounts of US dollars in billionths, which are a thousandth of a cheap token, as sums that can be counted fast. */
final class Money {

    private static final int DIGITS = 9;
    private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE / 4, DIGITS);

    private Money() {}

    /** Rounded up, and never more than two billion dollars. */
    static long of(BigDecimal dollars) {
        return dollars.min(MOST)
                .setScale(DIGITS, RoundingMode.CEILING)
                .unscaledValue()
                .longValueExact();
    }

    /** Without zeros at the end, and never with an exponent. */
    static BigDecimal dollars(long billionths) {
        BigDecimal amount = BigDecimal.valueOf(billionths, DIGITS).stripTrailingZeros();
        return amount.scale() < 0 ? amount.setScale(0) : amount;
    }

    /** For people. */
    static String text(BigDecimal dollars) {
        return dollars.stripTrailingZeros().toPlainString() + " US dollars";
    }
}
