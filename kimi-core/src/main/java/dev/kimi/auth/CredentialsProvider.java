package dev.kimi.auth;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

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
     * The service rejected these credentials (401). The next {@link #credentials()} must not give them again; if they
     * were replaced meanwhile, nothing happens, so that a thousand rejected calls cause one refresh.
     *
     * @param rejected exactly the object that was given out
     * @return true if asking again may give others, in which case the call is replayed once
     */
    default boolean invalidate(Credentials rejected) {
        return false;
    }

    /**
     * Whom the service counts calls with these credentials against. Clients whose providers give equal texts share one
     * account where they send to the same scheme, host and port: quota, retry budget, what a 429 holds back. It is
     * asked once, when a client is made. Processes that share a quota know the account by a hash of this text and of
     * scheme, host and port, so it should be the same in all of them.
     *
     * @return a text that is no secret and gives none away, such as the id of an OAuth2 client with its token endpoint;
     *     null, the default, when it is not known: then clients share only what they have the same provider object for
     */
    default @Nullable String account() {
        return null;
    }

    /** Always the same credentials, whose {@link #account()} is a keyed hash of them, the same in every process. */
    static CredentialsProvider of(Credentials credentials) {
        return new FixedCredentials(credentials);
    }

    /** A key for {@code Authorization: Bearer}; see {@link Credentials#bearer}. */
    static CredentialsProvider apiKey(CharSequence key) {
        return of(Credentials.bearer(key));
    }
}
