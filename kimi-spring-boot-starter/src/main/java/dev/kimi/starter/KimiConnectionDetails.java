package dev.kimi.starter;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;

/**
 * Where clients connect, and with which key. A bean of this type wins over {@code base-url}, {@code api-key} and
 * {@code auth} of the properties, which are not read then and may refer to variables that are not set. One whose name
 * or qualifier is the name of a client is for that client alone, any other one for all clients that have none of their
 * own: address and key belong together, so no key goes to a foreign address. Beans of type
 * {@link dev.kimi.auth.CredentialsProvider} win over the key.
 *
 * <p>Read while clients are made, once for each. Without such a bean one is published that holds what the properties
 * say of the default client.
 */
public interface KimiConnectionDetails extends ConnectionDetails {

    /** Where the service is: scheme, host and port, without path. Never null. */
    String getBaseUrl();

    /** The API key. Null or blank means that credentials are what the properties say; null by default. */
    default @Nullable CharSequence getApiKey() {
        return null;
    }
}
