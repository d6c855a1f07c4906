package dev.kimi.oauth2;

import dev.kimi.auth.Credentials;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A token that came from elsewhere. Prints stars.
 *
 * @param credentials the token as the service wants it
 * @param lifetime from the moment at which it was requested, in whole seconds and up to 24 hours; null when nobody
 *     said, which counts as 5 minutes
 */
public record AccessToken(Credentials credentials, @Nullable Duration lifetime) {

    public AccessToken {
        Objects.requireNonNull(credentials, "credentials");
    }
}
