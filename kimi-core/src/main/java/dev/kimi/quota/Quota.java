package dev.kimi.quota;

import dev.kimi.spi.ProviderSettings;

/**
 * The limits of one account or several. A quota only decides: the engine keeps the calls that wait, in the order of
 * their deadlines, and calls {@link #reserve} for the first of them, again when the delay of the decision has passed,
 * when a reservation of that account was settled, or when the quota notifies it of capacity.
 *
 * <p>Implementations are thread-safe and never block. The engine holds no lock while it calls them, so that they may
 * use a client; for the calls that wait for one account, it calls {@code reserve} on one thread at a time.
 */
@FunctionalInterface
public interface Quota {

    /** Reserves all of it or nothing. An exception counts as {@linkplain QuotaDecision#never never} and is logged. */
    QuotaDecision reserve(QuotaRequest request);

    /**
     * Forgets what was booked, so that the account counts as unused; places among concurrent calls stay taken until
     * they are settled. A reservation from before is still settled once, and gives nothing back to the time after. See
     * {@link dev.kimi.KimiClient#resetLimits()}. By default nothing happens, as suits a quota whose count others share.
     */
    default void reset() {}

    /**
     * Subscribes an account to capacity that comes from elsewhere than its own settlements, such as another account,
     * another process or a raised limit. The engine subscribes before the first call of the account waits, and closes
     * the subscription when the account has other limits or its last client is closed.
     *
     * @param account {@link QuotaRequest#account()} of the calls that wait
     * @param onCapacity to be run when a call that was put off may fit now; on any thread, within any method of the
     *     quota, once too often or too late without harm, and best without holding a lock, since on the same thread
     *     {@link #reserve} is called and calls are sent
     * @return ends the subscription; by default the quota notifies nobody, and delays and settlements have to do
     */
    default Subscription subscribe(String account, Runnable onCapacity) {
        return () -> {};
    }

    /** Of an account to capacity, until it is closed. */
    @FunctionalInterface
    interface Subscription extends AutoCloseable {

        /** The account needs no notification any more. Called once, and must not block. */
        @Override
        void close();
    }

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
        QuotaDecision always = QuotaDecision.granted(settlement -> {});
        return request -> always;
    }
}
