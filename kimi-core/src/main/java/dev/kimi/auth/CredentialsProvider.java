package dev.kimi.auth;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Gives the credentials for an attempt. Asked before every one, so it must be quick when it has something valid and
 * must never block. Implementations are thread-safe, refresh at most once at a time, and pass the contract kit in
 * {@code kimi-test}.
 */
@FunctionalInterface
public interface CredentialsProvider {

    /**
     * The credentials to use now. A failure of the stage counts as what it is: {@code ServerException} and whatever
     * else the retry policy takes for passing is tried again, {@code AuthenticationException} and what is none of
     * {@code dev.kimi.error} end the call. The engine never cancels the stage, since others may wait for the same
     * refresh.
     */
    CompletionStage<Credentials> credentials();

    /**
     * The service refused these credentials (401). The next {@link #credentials()} must not give them again; if they
     * were replaced meanwhile, nothing happens, so that a thousand refused calls cause one refresh.
     *
     * @param rejected exactly the object that was given out
     * @return true if asking again may give others, in which case the call is replayed once
     */
    default boolean invalidate(Credentials rejected) {
        return false;
    }

    /** Always the same credentials. */
    static CredentialsProvider of(Credentials credentials) {
        CompletionStage<Credentials> always = CompletableFuture.completedFuture(credentials);
        return () -> always;
    }

    /** A key for {@code Authorization: Bearer}; see {@link Credentials#bearer}. */
    static CredentialsProvider apiKey(CharSequence key) {
        return of(Credentials.bearer(key));
    }
}
