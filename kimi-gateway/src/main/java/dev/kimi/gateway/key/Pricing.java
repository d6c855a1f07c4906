package dev.kimi.gateway.key;

import dev.kimi.chat.Usage;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import dev.kimi.service.ModelPrices;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What calls may cost. Where a model's card has no prices in US dollars, the fallback's count, so that nothing is free
 * because nobody has written down its price. Thread-safe.
 */
final class Pricing {

    private static final String CURRENCY = "USD";
    /** Where neither request nor card says how much a model may write. */
    private static final long USUAL_OUTPUT = 32_000;

    private static final BigDecimal MOST = BigDecimal.valueOf(1_000_000);

    private final Unpriced unpriced = new Unpriced();
    private final ModelPrices fallback;

    /** US dollars for a million tokens. */
    Pricing(BigDecimal fallbackInput, BigDecimal fallbackOutput) {
        this.fallback =
                new ModelPrices(CURRENCY, fallbackInput, fallbackOutput, fallbackInput, fallbackInput, fallbackInput);
    }

    /** The most tokens that may be written, at whichever model. */
    static long output(AdmissionRequest request) {
        if (request.cards().isEmpty()) {
            return request.outputCap() > 0 ? request.outputCap() : USUAL_OUTPUT;
        }
        return request.cards().stream()
                .mapToLong(card -> output(request, card))
                .max()
                .orElse(0);
    }

    private static long output(AdmissionRequest request, ModelCard card) {
        long most = card.maxOutputTokens();
        if (request.outputCap() > 0) {
            return most > 0 ? Math.min(request.outputCap(), most) : request.outputCap();
        }
        long usual = card.count(Fact.OUTPUT_DEFAULT);
        return usual > 0 ? usual : most > 0 ? most : USUAL_OUTPUT;
    }

    /** The worst case in billionths of a US dollar: all of the input at its dearest price, all of the output. */
    long worst(AdmissionRequest request) {
        if (request.model() == null) {
            return 0;
        }
        if (request.cards().isEmpty()) {
            return worst(fallback, request.inputTokens(), output(request));
        }
        return request.cards().stream()
                .mapToLong(card -> worst(prices(card), request.inputTokens(), output(request, card)))
                .max()
                .orElse(0);
    }

    private static long worst(ModelPrices prices, long input, long output) {
        BigDecimal dearest = Stream.of(prices.input(), prices.cacheWrite(), prices.cacheWriteHour())
                .filter(Objects::nonNull)
                .max(BigDecimal::compareTo)
                .orElse(prices.input());
        return ofCall(dearest.multiply(BigDecimal.valueOf(input))
                .add(prices.output().multiply(BigDecimal.valueOf(output)))
                .movePointLeft(6));
    }

    /** What was used, at the dearest of the models, in billionths of a US dollar. */
    long of(Usage usage, List<ModelCard> cards) {
        if (cards.isEmpty()) {
            return of(usage, fallback);
        }
        return cards.stream().mapToLong(card -> of(usage, prices(card))).max().orElse(0);
    }

    private long of(Usage usage, ModelPrices prices) {
        BigDecimal cost = prices.cost(usage);
        return cost == null ? worst(prices, usage.promptTokens(), usage.completionTokens()) : ofCall(cost);
    }

    /** So little that sums of many calls stay numbers, whatever cap a client has sent. */
    private static long ofCall(BigDecimal dollars) {
        return Money.of(dollars.min(MOST));
    }

    private ModelPrices prices(ModelCard card) {
        ModelPrices known = usd(card);
        if (known == null) {
            unpriced.found(card.id(), fallback);
            return fallback;
        }
        return known;
    }

    private static @Nullable ModelPrices usd(ModelCard card) {
        ModelPrices prices = card.prices();
        return prices != null && prices.currency().equals(CURRENCY) ? prices : null;
    }
}
