package dev.kimi.starter.springsecurity;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.auth.CredentialsProviderFactory;
import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;

/**
 * {@code kimi.auth.provider=spring-security}: tokens of the client registration that {@code kimi.auth.registration}
 * names. Needs the beans of an application context.
 */
public final class SpringSecurityCredentialsFactory implements CredentialsProviderFactory {

    @Override
    public String name() {
        return "spring-security";
    }

    @Override
    public Set<String> settings() {
        return Set.of("registration");
    }

    @Override
    public CredentialsProvider create(ProviderSettings settings) {
        settings.require("registration");
        throw new ConfigurationException(
                "kimi.auth.provider",
                "The setting kimi.auth.provider is spring-security, and there is no application context to take"
                        + " Spring Security's beans from.",
                "Let Spring Boot make the client, or choose oauth2.");
    }

    /**
     * Makes a provider over a manager, which it calls on the executor, once at a time, when the token that it keeps is
     * near its end or was rejected.
     *
     * @param settings those below {@code kimi.auth}
     * @param account see {@link CredentialsProvider#account()}
     * @param manager must work outside of a web request
     * @param clients where a rejected token is removed; null if there is none, then calls with such a token fail
     * @param executor may block
     * @throws ConfigurationException if no registration is set
     */
    public static CredentialsProvider create(
            ProviderSettings settings,
            @Nullable String account,
            OAuth2AuthorizedClientManager manager,
            @Nullable OAuth2AuthorizedClientService clients,
            Executor executor) {
        return new AuthorizedClients(settings, account, manager, clients, executor);
    }
}
