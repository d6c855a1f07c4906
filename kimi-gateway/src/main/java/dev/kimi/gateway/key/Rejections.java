package dev.kimi.gateway.key;

import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayError.Kind;
import dev.kimi.gateway.dialect.GatewayException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What clients get in place of a response when their key does not allow the call. */
final class Rejections {

    private Rejections() {}

    static GatewayException noKey() {
        return authentication("No key came with the request. Send a key of this gateway as x-api-key, or as"
                + " authorization with the scheme Bearer.");
    }

    /** The same words for every key that is not valid here. */
    static GatewayException unknownKey() {
        return authentication("The key is not valid at this gateway. Send one that this gateway has issued, which"
                + " begins with " + KeyText.PREFIX + ", and not one of Kimi or Claude.");
    }

    static GatewayException twoKeys() {
        return authentication("authorization and x-api-key carry keys that are not of one client. Send one of them.");
    }

    /** For who has shown a key that is known. */
    static GatewayException invalid(VirtualKey key, String why) {
        return authentication(
                "Key '" + key.terms().name() + "' " + why + ". Ask whoever runs the gateway for another.");
    }

    private static GatewayException authentication(String message) {
        return new GatewayException(GatewayError.of(Kind.AUTHENTICATION, 401, message));
    }

    static GatewayException model(VirtualKey key, String model) {
        return new GatewayException(GatewayError.of(
                Kind.PERMISSION,
                403,
                "Key '" + key.terms().name() + "' may not use the model " + model + ", but "
                        + String.join(", ", key.terms().models()) + "."));
    }

    static GatewayException neverFits(VirtualKey key, long tokens, long limit) {
        return new GatewayException(GatewayError.of(
                        Kind.INVALID_REQUEST,
                        400,
                        "The request has about " + tokens + " tokens, and key '"
                                + key.terms().name() + "' is limited to " + limit
                                + " tokens a minute: it can never be sent. Send less, or have the limit raised.")
                .isFinal());
    }

    static GatewayException inFlight(VirtualKey key, int limit) {
        return later(
                "Key '" + key.terms().name() + "' has " + limit
                        + " calls in flight, which is its limit. Send it again when one of them has ended.",
                Duration.ofSeconds(1));
    }

    static GatewayException inFlightOfSession(VirtualKey key, int limit) {
        return later(
                "This conversation has " + limit + " calls in flight, which is the limit of key '"
                        + key.terms().name() + "'. Send it again when one of them has ended.",
                Duration.ofSeconds(1));
    }

    static GatewayException rate(VirtualKey key, long limit, String what, long waitNanos) {
        return later(
                "Key '" + key.terms().name() + "' has reached its limit of " + limit + " " + what + " a minute.",
                Duration.ofNanos(waitNanos));
    }

    /** What is left is held for calls in flight, which mostly cost less. */
    static GatewayException budgetHeld(VirtualKey key, String cap) {
        return later(
                "Calls in flight of key '" + key.terms().name() + "' may use up what is left of its budget of " + cap
                        + ". Send it again when one of them has ended.",
                Duration.ofSeconds(2));
    }

    private static GatewayException later(String message, Duration wait) {
        return new GatewayException(
                GatewayError.of(Kind.RATE_LIMIT, 429, message).retryAfter(wait));
    }

    static GatewayException budgetSpent(VirtualKey key, int status, String cap, Instant resets) {
        return new GatewayException(GatewayError.of(
                        Kind.BUDGET,
                        status,
                        "Key '" + key.terms().name() + "' has spent its budget of " + cap + ". It resets at " + resets
                                + ".")
                .isFinal());
    }

    static String cap(@Nullable BigDecimal amount, String period) {
        return (amount == null ? "" : Money.text(amount)) + " a " + period;
    }
}
