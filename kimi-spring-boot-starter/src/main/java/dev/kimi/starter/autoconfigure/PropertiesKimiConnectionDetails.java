package dev.kimi.starter.autoconfigure;

import dev.kimi.chat.Provenance;
import dev.kimi.starter.KimiConnectionDetails;
import dev.kimi.starter.KimiProperties;
import org.jspecify.annotations.Nullable;

/** What the properties say of the default client. */
final class PropertiesKimiConnectionDetails implements KimiConnectionDetails {

    // Those of the client's builder.
    private static final String KIMI = "https://api.moonshot.ai";
    private static final String CLAUDE = "https://api.anthropic.com";

    private final KimiProperties properties;

    PropertiesKimiConnectionDetails(KimiProperties properties) {
        this.properties = properties;
    }

    @Override
    public String getBaseUrl() {
        String baseUrl = properties.getBaseUrl();
        if (baseUrl != null) {
            return baseUrl;
        }
        return Provenance.ANTHROPIC.equals(properties.getProtocol()) ? CLAUDE : KIMI;
    }

    @Override
    public @Nullable CharSequence getApiKey() {
        return properties.getApiKey();
    }
}
