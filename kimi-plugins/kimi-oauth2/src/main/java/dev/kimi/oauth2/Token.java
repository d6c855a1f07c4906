package dev.kimi.oauth2;

import dev.kimi.auth.Credentials;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/** A token with the moments of its life on the monotonic clock, in nanoseconds. */
final class Token {

    private static final Duration UNSAID = Duration.ofMinutes(5);
    private static final Duration MAX_LIFETIME = Duration.ofHours(24);
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration MIN_MARGIN = Duration.ofSeconds(30);

    private final Credentials credentials;
    private final CompletableFuture<Credentials> ready;
    private final long refreshNanos;
    private final long expiryNanos;

    private Token(Credentials credentials, long refreshNanos, long expiryNanos) {
        this.credentials = credentials;
        this.ready = CompletableFuture.completedFuture(credentials);
        this.refreshNanos = refreshNanos;
        this.expiryNanos = expiryNanos;
    }

    /**
     * @param askedNanos when the request was about to be sent: the service's clock started later
     * @param lifetimeSeconds as the service said, 0 or less included; empty when it did not
     * @param jitter from -0.05 to 0.05: how far the refresh moves from three quarters of the life
     * @param skew how far the service's clock is off from ours
     */
    static Token of(
            Credentials credentials,
            long askedNanos,
            java.util.OptionalLong lifetimeSeconds,
            double jitter,
            Duration skew) {
        Duration life = lifetimeSeconds.isPresent()
                ? clamp(Duration.ofSeconds(
                        Math.max(0, Math.min(lifetimeSeconds.getAsLong(), MAX_LIFETIME.toSeconds()))))
                : UNSAID;
        Duration margin = skew.compareTo(MIN_MARGIN) > 0 ? skew : MIN_MARGIN;
        // a token that lives less than the margin is still good for most of its life
        Duration most = life.dividedBy(10);
        long usable = life.minus(
                        margin.compareTo(most) > 0 && life.compareTo(margin.multipliedBy(4)) < 0 ? most : margin)
                .toNanos();
        long refresh = Math.min(usable, (long) (life.toNanos() * (0.75 + jitter)));
        return new Token(credentials, askedNanos + refresh, askedNanos + usable);
    }

    /** How far the refresh of one token moves, so that instances do not refresh together. */
    static double jitter(RandomGenerator random) {
        return random.nextDouble() * 0.1 - 0.05;
    }

    private static Duration clamp(Duration life) {
        return life.compareTo(SHORTEST) < 0 ? SHORTEST : life;
    }

    Credentials credentials() {
        return credentials;
    }

    /** Always the same completed future, so that a hit allocates nothing. */
    CompletableFuture<Credentials> ready() {
        return ready;
    }

    boolean isStale(long nowNanos) {
        return nowNanos - refreshNanos >= 0;
    }

    long remainingNanos(long nowNanos) {
        return Math.max(0, expiryNanos - nowNanos);
    }
}
