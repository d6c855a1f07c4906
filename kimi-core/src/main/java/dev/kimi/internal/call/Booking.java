package dev.kimi.internal.call;

import dev.kimi.chat.Usage;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.KimiException;
import dev.kimi.error.RateLimitException;
import dev.kimi.quota.Reservation;
import org.jspecify.annotations.Nullable;

/** What one call holds of its account's quota. Used in turns of the call only. */
final class Booking {

    private static final System.Logger LOG = System.getLogger("dev.kimi.call");

    private final Engine engine;
    private @Nullable Reservation held;

    Booking(Engine engine) {
        this.engine = engine;
    }

    void hold(Reservation granted) {
        held = granted;
    }

    /** The call had ended before it was admitted. */
    void refuse(Reservation granted) {
        settle(granted, 0);
    }

    /** The call has ended: gives back what it did not use. */
    void settle(int attempts, Usage usage, @Nullable KimiException failure) {
        Reservation reservation = held;
        if (reservation != null) {
            held = null;
            settle(reservation, used(attempts, usage, failure));
        }
    }

    private static long used(int attempts, Usage usage, @Nullable KimiException failure) {
        if (attempts == 0 || failure instanceof RateLimitException || failure instanceof AuthenticationException) {
            return 0;
        }
        return usage == Usage.NONE ? -1 : usage.totalTokens();
    }

    /** The quota may be a plug-in: what it throws must not keep the caller from its outcome. */
    private void settle(Reservation reservation, long tokens) {
        try {
            reservation.settle(tokens);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "The quota failed to settle a reservation", e);
        }
        engine.admission().settled();
    }
}
