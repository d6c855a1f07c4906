package dev.kimi.internal.endpoint;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.internal.util.Fingerprint;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * What makes one account another: whom the service knows the credentials as, where it is, and whose clock its limits
 * run on. Holds no secret.
 */
public final class AccountKey {

    private static final int ID_LENGTH = 32;

    private final Object identity;
    private final String origin;
    private final Object clock;
    private final String id;

    private AccountKey(Object identity, String named, URI baseUri, Object clock) {
        this.identity = identity;
        this.origin = origin(baseUri);
        this.clock = clock;
        this.id = Fingerprint.of("account at " + origin, named.getBytes(StandardCharsets.UTF_8))
                .substring(0, ID_LENGTH);
    }

    /**
     * The account that a client's credentials are of.
     *
     * @param client its name, which stands in the id of an account whose credentials do not say whom they stand for:
     *     those are of the same account only for those who have the same provider
     * @param baseUri as {@link #of(String, URI, Object)} says
     * @param clock as {@link #of(String, URI, Object)} says
     */
    public static AccountKey of(CredentialsProvider credentials, String client, URI baseUri, Object clock) {
        String known = credentials.account();
        return known == null
                ? new AccountKey(new Same(credentials), "client " + client, baseUri, clock)
                : of(known, baseUri, clock);
    }

    /**
     * @param account equal for equal accounts, see {@link CredentialsProvider#account()}; never a secret
     * @param baseUri of it scheme, host and port count: a service counts the same whatever the path is
     * @param clock the clock or timer that a client was given, which somebody else closes: those with different ones
     *     share nothing
     */
    static AccountKey of(String account, URI baseUri, Object clock) {
        return new AccountKey(account, "account " + account, baseUri, clock);
    }

    private static String origin(URI baseUri) {
        String scheme = String.valueOf(baseUri.getScheme()).toLowerCase(Locale.ROOT);
        int port = baseUri.getPort() >= 0 ? baseUri.getPort() : scheme.equals("https") ? 443 : 80;
        String host = String.valueOf(baseUri.getHost()).toLowerCase(Locale.ROOT);
        return scheme + "://" + host + ":" + port;
    }

    /** A provider of credentials that stands for itself, whatever it takes for equal. */
    private record Same(CredentialsProvider provider) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Same same && same.provider == provider;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(provider);
        }
    }

    /** What quotas know the account by, see {@link dev.kimi.quota.QuotaRequest#account()}. */
    public String id() {
        return id;
    }

    /** Scheme, host and port. */
    String origin() {
        return origin;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AccountKey key
                && identity.equals(key.identity)
                && origin.equals(key.origin)
                && clock == key.clock;
    }

    @Override
    public int hashCode() {
        return identity.hashCode() * 31 + origin.hashCode();
    }

    @Override
    public String toString() {
        return "AccountKey[" + origin + "]";
    }
}
