package dev.kimi.gateway.key;

import dev.kimi.gateway.key.VirtualKey.Terms;
import java.time.Instant;

/** Whether a key may be used at a time. */
final class Validity {

    private Validity() {}

    /**
     * Passes a key that may be used.
     *
     * @throws dev.kimi.gateway.dialect.GatewayException with status 401 if it may not
     */
    static void check(VirtualKey key, Instant now) {
        Terms terms = key.terms();
        if (key.revoked() != null) {
            throw Rejections.invalid(key, "was revoked");
        }
        if (!terms.enabled()) {
            throw Rejections.invalid(key, "is turned off");
        }
        if (terms.notBefore() != null && now.isBefore(terms.notBefore())) {
            throw Rejections.invalid(key, "is not valid before " + terms.notBefore());
        }
        if (terms.expires() != null && !now.isBefore(terms.expires())) {
            throw Rejections.invalid(key, "has expired at " + terms.expires());
        }
    }
}
