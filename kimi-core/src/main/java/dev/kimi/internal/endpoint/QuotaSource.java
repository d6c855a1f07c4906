package dev.kimi.internal.endpoint;

import dev.kimi.quota.Quota;
import dev.kimi.time.Timer;
import java.util.function.Function;

/**
 * Where the limits of a client come from. Made only when they are used. Sources are equal when they give the same
 * limits: by the same object, or by the same provider with the same settings.
 */
public final class QuotaSource {

    private final Object identity;
    private final Function<Timer, Quota> maker;
    private final boolean made;

    private QuotaSource(Object identity, Function<Timer, Quota> maker, boolean made) {
        this.identity = identity;
        this.maker = maker;
        this.made = made;
    }

    /** An object of the program's, who closes it. */
    public static QuotaSource of(Quota object) {
        return new QuotaSource(object, timer -> object, false);
    }

    /**
     * A provider.
     *
     * @param settings equal for what makes equal limits
     * @param maker given a timer that lives as long as the account
     */
    public static QuotaSource of(Object settings, Function<Timer, Quota> maker) {
        return new QuotaSource(settings, maker, true);
    }

    Quota make(Timer ofAccount) {
        return maker.apply(ofAccount);
    }

    /** Whether what {@link #make} gives is to be closed once it is not used any more. */
    boolean isMade() {
        return made;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof QuotaSource source
                && made == source.made
                && (made ? identity.equals(source.identity) : identity == source.identity);
    }

    @Override
    public int hashCode() {
        return made ? identity.hashCode() : System.identityHashCode(identity);
    }
}
