package dev.kimi.oauth2;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A token is fresh, stale or expired. Fresh: it is given out. Stale: it is given out, and the next one is fetched
 * meanwhile. Expired: callers wait for the next one. One fetch serves everybody, and belongs to nobody: a caller that
 * goes away does not end it.
 *
 * <p>After a failure the next fetch waits. While a token that is still good serves on, the wait grows from one second
 * to thirty. Without one it is one second from the beginning of the fetch that failed, whatever failed before: calls
 * that come meanwhile fail with that failure, and the first one after it begins the next fetch.
 */
final class CachedTokens implements CredentialsProvider, AutoCloseable {

    /** A provider has one token: another client, scope or audience is another provider. */
    private static final String KEY = "token";

    /** The upper end: a back-off is at least half of it, so that the first one takes a second or more. */
    private static final long FIRST_BACK_OFF_NANOS = Duration.ofSeconds(2).toNanos();

    private static final long MAX_BACK_OFF_NANOS = Duration.ofSeconds(30).toNanos();

    /** As often as an endpoint is asked while calls need it. */
    private static final long NEEDED_BACK_OFF_NANOS = Duration.ofSeconds(1).toNanos();

    private final TimeSource time;
    private final RandomGenerator random;
    private final @Nullable String account;
    private final Supplier<? extends CompletionStage<Token>> fetch;
    private final Runnable onClose;
    private final Cache<String, Token> tokens;

    // Below: guarded by this.
    private @Nullable CompletableFuture<Credentials> flight;
    private @Nullable Throwable lastFailure;
    private int failures;
    private long nextFetchNanos;
    private long lastFetchNanos;

    /** @param account see {@link CredentialsProvider#account()} */
    CachedTokens(
            ProviderSettings settings,
            @Nullable String account,
            Supplier<? extends CompletionStage<Token>> fetch,
            Runnable onClose) {
        this.time = settings.time();
        this.random = settings.random();
        this.account = account;
        this.fetch = fetch;
        this.onClose = onClose;
        this.tokens = Caffeine.newBuilder()
                .ticker(time::nanoTime)
                .executor(Runnable::run)
                // a token that takes the place of another has its own lifetime, not what is left of the other's
                .expireAfter(Expiry.<String, Token>writing(
                        (k, token) -> Duration.ofNanos(token.remainingNanos(time.nanoTime()))))
                .build();
    }

    @Override
    public @Nullable String account() {
        return account;
    }

    @Override
    public CompletionStage<Credentials> credentials() {
        Token token = tokens.getIfPresent(KEY);
        if (token == null) {
            return next();
        }
        if (token.isStale(time.nanoTime())) {
            refreshAhead(token);
        }
        return token.ready();
    }

    @Override
    public boolean invalidate(Credentials rejected) {
        Token token = tokens.getIfPresent(KEY);
        if (token != null && token.credentials() == rejected) {
            tokens.asMap().remove(KEY, token);
        }
        // whether it was this one or had been replaced before: what is given out next is another
        return true;
    }

    private void refreshAhead(Token stale) {
        CompletableFuture<Credentials> begun;
        synchronized (this) {
            // the flight may have landed since the caller saw the stale one
            if (flight != null || backingOff() || tokens.getIfPresent(KEY) != stale) {
                return;
            }
            begun = new CompletableFuture<>();
            flight = begun;
            lastFetchNanos = time.nanoTime();
        }
        fly(begun);
    }

    private CompletionStage<Credentials> next() {
        CompletableFuture<Credentials> begun;
        synchronized (this) {
            if (flight != null) {
                return flight.minimalCompletionStage();
            }
            Token justArrived = tokens.getIfPresent(KEY);
            if (justArrived != null) {
                return justArrived.ready();
            }
            Throwable failure = lastFailure;
            if (failure != null && time.nanoTime() - lastFetchNanos < NEEDED_BACK_OFF_NANOS) {
                return CompletableFuture.failedFuture(failure);
            }
            begun = new CompletableFuture<>();
            flight = begun;
            lastFetchNanos = time.nanoTime();
        }
        fly(begun);
        return begun.minimalCompletionStage();
    }

    private boolean backingOff() {
        return failures > 0 && time.nanoTime() - nextFetchNanos < 0;
    }

    /** Not under the lock: the fetch may complete on this very thread. */
    private void fly(CompletableFuture<Credentials> begun) {
        // within a stage, so that a transport which throws instead of calling its handler has failed like any other
        CompletableFuture.completedFuture(fetch).thenCompose(Supplier::get).whenComplete((token, thrown) -> {
            Throwable failure =
                    thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
            synchronized (this) {
                flight = null;
                if (failure == null) {
                    failures = 0;
                    lastFailure = null;
                    tokens.put(KEY, token);
                } else {
                    lastFailure = failure;
                    long window = Math.min(MAX_BACK_OFF_NANOS, FIRST_BACK_OFF_NANOS << Math.min(failures, 5));
                    // half fixed, half chance: never at once, and not all instances together
                    nextFetchNanos = time.nanoTime() + window / 2 + (long) (random.nextDouble() * (window / 2));
                    failures++;
                }
            }
            if (failure == null) {
                begun.complete(token.credentials());
            } else {
                begun.completeExceptionally(failure);
            }
        });
    }

    @Override
    public void close() {
        onClose.run();
    }

    @Override
    public String toString() {
        return "CachedTokens[" + account + "]";
    }
}
