package dev.kimi.internal.endpoint;

import dev.kimi.chat.Message;
import dev.kimi.service.ModelPrices;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a conversation loses that leaves an endpoint for another, and how long it is worth waiting not to.
 *
 * @param patience a longer wait is a reason to leave
 * @param price what the prompt costs more; null where that is not known, or nothing is in a cache
 */
record CacheLoss(Duration patience, Leg.@Nullable Price price) {

    /** For a call without anything to lose. */
    static final Duration LEAST_PATIENCE = Duration.ofSeconds(1);

    static final Duration MOST_PATIENCE = Duration.ofSeconds(20);

    /** So long is worth waiting where there are no prices. */
    private static final Duration UNKNOWN_LOSS = Duration.ofSeconds(1);

    /** Of the currency; a second is worth one. */
    private static final int HUNDREDTHS = 2;

    /** @param wasHere whether the session is known to have been at the call's present endpoint */
    static CacheLoss of(Router.RoutedCall call, Endpoint there, boolean wasHere) {
        Endpoint here = call.endpoint();
        if (!wasHere && !isContinued(call.request(), here)) {
            return new CacheLoss(LEAST_PATIENCE, null);
        }
        ModelPrices cached = here.prices(call.request());
        ModelPrices uncached = there.prices(call.request());
        BigDecimal read = cached == null ? null : cached.cacheRead();
        if (cached == null
                || read == null
                || uncached == null
                || !cached.currency().equals(uncached.currency())) {
            return new CacheLoss(LEAST_PATIENCE.plus(UNKNOWN_LOSS), null);
        }
        long tokens = here.quotaRequest(call.request()).inputTokens();
        BigDecimal more = uncached.input().subtract(read).max(BigDecimal.ZERO);
        Leg.Price lost = Leg.Price.of(tokens, more, cached.currency());
        return new CacheLoss(patience(lost.amount()), lost);
    }

    private static Duration patience(BigDecimal lost) {
        BigDecimal most = BigDecimal.valueOf(MOST_PATIENCE.toMillis());
        long millis = lost.movePointRight(HUNDREDTHS)
                .multiply(BigDecimal.valueOf(1_000))
                .min(most)
                .setScale(0, RoundingMode.HALF_UP)
                .longValueExact();
        Duration wanted = LEAST_PATIENCE.plusMillis(millis);
        return wanted.compareTo(MOST_PATIENCE) < 0 ? wanted : MOST_PATIENCE;
    }

    /** Whether the endpoint's service wrote a turn of the conversation, and so has read those before it. */
    private static boolean isContinued(CallRequest request, Endpoint here) {
        if (!(request instanceof CallRequest.Chat call)) {
            return false;
        }
        for (Message message : call.chat().messages()) {
            if (message.role() == Message.Role.ASSISTANT && here.isMakerOf(message)) {
                return true;
            }
        }
        return false;
    }
}
