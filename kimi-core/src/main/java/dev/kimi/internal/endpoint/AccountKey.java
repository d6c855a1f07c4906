package dev.kimi.internal.endpoint;

import java.net.URI;
import java.util.Locale;

/**
 * What makes one account another: whom the service knows the credentials as, where it is, and whose clock its limits
 * run on. Holds no secret.
 */
public final class AccountKey {

    private final Object identity;
    private final String origin;
    private final Object clock;

    private AccountKey(Object identity, String origin, Object clock) {
        this.identity = identity;
        this.origin = origin;
        this.clock = clock;
    }

    /**
     * @param identity equal for equal accounts, such as a keyed hash; never a secret. An object without an equality of
     *     its own stands for itself
     * @param baseUri of it scheme, host and port count: a service counts the same whatever the path is
     * @param clock the clock or timer that a client was given, which somebody else closes: those with different ones
     *     share nothing
     */
    public static AccountKey of(Object identity, URI baseUri, Object clock) {
        String scheme = String.valueOf(baseUri.getScheme()).toLowerCase(Locale.ROOT);
        int port = baseUri.getPort() >= 0 ? baseUri.getPort() : scheme.equals("https") ? 443 : 80;
        String host = String.valueOf(baseUri.getHost()).toLowerCase(Locale.ROOT);
        return new AccountKey(identity, scheme + "://" + host + ":" + port, clock);
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
