package dev.kimi.starter.autoconfigure;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.starter.springsecurity.SpringSecurityCredentialsFactory;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.client.AuthorizedClientServiceOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.core.AuthorizationGrantType;

/** Spring Security's beans for OAuth2 clients. Not loaded without it. */
final class SpringSecurityBeans {

    /** The bean of web applications, which works in the thread of a web request only. */
    private static final String OF_REQUESTS =
            "org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizedClientManager";

    private SpringSecurityBeans() {}

    /**
     * Credentials of the registration that the settings name.
     *
     * @param settings those below {@code kimi.auth}
     * @throws ConfigurationException if there is no such registration, or no manager for it
     */
    static CredentialsProvider credentials(
            ClientBeans beans, String client, ProviderSettings settings, Executor executor) {
        String id = settings.require("registration");
        ClientRegistrationRepository registrations = beans.find(ClientRegistrationRepository.class, client);
        OAuth2AuthorizedClientService clients = beans.find(OAuth2AuthorizedClientService.class, client);
        ClientRegistration registration = registrations == null ? null : registrations.findByRegistrationId(id);
        if (registrations != null && registration == null) {
            throw new ConfigurationException(
                    settings.fullName("registration"),
                    "The setting " + settings.fullName("registration") + " is '" + id
                            + "', and Spring Security has no client registration of that id.",
                    "Write one of those below spring.security.oauth2.client.registration, or add it there.");
        }
        OAuth2AuthorizedClientManager manager = beans.find(OAuth2AuthorizedClientManager.class, client);
        if (manager == null || manager.getClass().getName().equals(OF_REQUESTS)) {
            manager = manager(settings, registrations, clients);
        }
        return SpringSecurityCredentialsFactory.create(settings, account(registration), manager, clients, executor);
    }

    private static OAuth2AuthorizedClientManager manager(
            ProviderSettings settings,
            @Nullable ClientRegistrationRepository registrations,
            @Nullable OAuth2AuthorizedClientService clients) {
        if (registrations == null || clients == null) {
            throw new ConfigurationException(
                    settings.fullName("provider"),
                    "The setting " + settings.fullName("provider")
                            + " is spring-security, and there are no beans of Spring Security for OAuth2 clients.",
                    "Set spring.security.oauth2.client.registration and have"
                            + " org.springframework.boot:spring-boot-starter-security-oauth2-client on the class path,"
                            + " or publish an OAuth2AuthorizedClientManager.");
        }
        var manager = new AuthorizedClientServiceOAuth2AuthorizedClientManager(registrations, clients);
        manager.setAuthorizedClientProvider(OAuth2AuthorizedClientProviderBuilder.builder()
                .refreshToken()
                .clientCredentials()
                .build());
        return manager;
    }

    /** As for tokens that kimi-oauth2 fetches: clients of one id at one token endpoint are one account. */
    private static @Nullable String account(@Nullable ClientRegistration registration) {
        return registration != null
                        && AuthorizationGrantType.CLIENT_CREDENTIALS.equals(registration.getAuthorizationGrantType())
                ? "oauth2 " + registration.getProviderDetails().getTokenUri() + " " + registration.getClientId()
                : null;
    }
}
