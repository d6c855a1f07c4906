package dev.kimi.quota;

import dev.kimi.spi.ProviderSettings;

/**
 * The limits of an account. It only decides: waiting is the engine's, which asks again when the time named has passed
 * or another call was settled. Implementations are thread-safe and never block.
 */
@FunctionalInterface
public interface Quota {

    /** Reserves all of it or nothing. */
    QuotaDecision reserve(QuotaRequest request);

    /**
     * Forgets what was booked, so that the account counts as unused; places among concurrent calls stay taken until
     * they are settled. A reservation from before is still settled once, and gives nothing back to the time after. See
     * {@link dev.kimi.KimiClient#resetLimits()}. By default nothing happens, as suits a quota whose count others share.
     */
    default void reset() {}

    /**
     * The account's limits as this process alone uses them: {@code concurrency}, {@code requests-per-minute} and
     * {@code tokens-per-minute} (whole numbers, {@code 2M} and {@code 500k} allowed), each without limit when not set.
     *
     * @throws dev.kimi.error.ConfigurationException if a setting is wrong
     */
    static Quota local(ProviderSettings settings) {
        return new LocalQuota(
                settings.time(),
                (int) Math.min(Integer.MAX_VALUE, settings.amount("concurrency", 0)),
                settings.amount("requests-per-minute", 0),
                settings.amount("tokens-per-minute", 0));
    }

    /** No limits. */
    static Quota unlimited() {
        QuotaDecision always = QuotaDecision.granted(tokens -> {});
        return request -> always;
    }
}
