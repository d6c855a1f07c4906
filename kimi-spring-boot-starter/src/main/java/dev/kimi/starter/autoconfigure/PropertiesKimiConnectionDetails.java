package dev.kimi.starter.autoconfigure;

import dev.kimi.starter.KimiConnectionDetails;
import dev.kimi.starter.KimiProperties;
import org.jspecify.annotations.Nullable;

/** What the properties say of the default client. */
final class PropertiesKimiConnectionDetails implements KimiConnectionDetails {

    /** That of the client's builder. */
    private static final String DEFAULT_BASE_URL = "https://api.moonshot.ai";

    private final KimiProperties properties;

    PropertiesKimiConnectionDetails(KimiProperties properties) {
        this.properties = properties;
    }

    @Override
    public String getBaseUrl() {
        String baseUrl = properties.getBaseUrl();
        return baseUrl == null ? DEFAULT_BASE_URL : baseUrl;
    }

    @Override
    public @Nullable CharSequence getApiKey() {
        return properties.getApiKey();
    }
}
