package dev.kimi.quota;

/**
 * The limits of an account. It only decides: waiting is the engine's, which asks again when the time named has passed
 * or another call was settled. Implementations are thread-safe and never block.
 */
@FunctionalInterface
public interface Quota {

    /** Reserves all of it or nothing. */
    QuotaDecision reserve(QuotaRequest request);

    /** No limits. */
    static Quota unlimited() {
        QuotaDecision always = QuotaDecision.granted(tokens -> {});
        return request -> always;
    }
}
