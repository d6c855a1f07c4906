package dev.kimi;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.protocol.ToolSchemas;
import dev.kimi.internal.protocol.anthropic.MessagesProtocol.Mismatch;
import dev.kimi.internal.util.HttpText;
import dev.kimi.internal.util.UserAgent;
import dev.kimi.quota.Quota;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.spi.ProviderFactory;
import dev.kimi.spi.TlsMaterial;
import dev.kimi.transport.Transport;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a builder was given of the endpoint that its client calls, and where calls of another client go on. Not
 * thread-safe.
 */
final class EndpointDescription {

    String name = "default";

    @Nullable String protocol;

    @Nullable String model;

    @Nullable URI baseUrl;

    @Nullable String anthropicVersion;

    List<String> anthropicBeta = List.of();
    Mismatch thinkingMismatch = Mismatch.ERROR;
    ToolSchemas toolSchemas = ToolSchemas.AS_IS;
    boolean allowInsecure;

    @Nullable String userAgent;

    @Nullable Transport transport;

    @Nullable Supplier<TlsMaterial> tls;

    @Nullable CredentialsProvider credentials;

    @Nullable RetryPolicy retryPolicy;

    @Nullable Quota quota;

    final Map<Part<?>, String> providers = new LinkedHashMap<>();
    final Map<Part<?>, Map<String, String>> partSettings = new LinkedHashMap<>();
    final ModelCards.Settings cards = new ModelCards.Settings();
    Map<String, String> modelNames = Map.of();
    List<String> apiKeys = List.of();

    void anthropicVersion(String value) {
        HttpText.checkHeader("anthropic-version", value);
        this.anthropicVersion = value;
    }

    void anthropicBeta(List<String> values) {
        for (String value : values) {
            HttpText.checkHeader("anthropic-beta", value);
            if (value.isBlank() || value.contains(",")) {
                throw new IllegalArgumentException("the name of a beta feature is empty or holds a comma");
            }
        }
        this.anthropicBeta = List.copyOf(values);
    }

    void userAgent(@Nullable String value) {
        String stripped = value == null ? "" : value.strip();
        HttpText.checkHeader(UserAgent.HEADER, stripped);
        this.userAgent = stripped.isEmpty() ? null : stripped;
    }

    void provider(Part<?> part, @Nullable String providerName) {
        if (providerName == null || providerName.isBlank()) {
            providers.remove(part);
        } else {
            providers.put(part, providerName.strip());
        }
    }

    void set(Part<?> part, String setting, @Nullable String value) {
        Map<String, String> settings = partSettings.computeIfAbsent(part, p -> new LinkedHashMap<>());
        if (value == null || value.isBlank()) {
            settings.remove(setting);
        } else {
            settings.put(setting, value);
        }
    }

    Map<String, String> settings(Part<?> part) {
        return partSettings.getOrDefault(part, Map.of());
    }

    /** The chosen provider of the part, which reads all that is set for it. */
    <T> ProviderFactory<T> factory(Part<T> part) {
        ProviderFactory<T> factory = part.factory(providers.get(part));
        part.check(factory, settings(part).keySet());
        return factory;
    }

    /** Whether the transport of another endpoint would be made in the same way. */
    boolean sharesTransport(EndpointDescription other) {
        return tls == other.tls
                && Objects.equals(providers.get(Part.TRANSPORT), other.providers.get(Part.TRANSPORT))
                && settings(Part.TRANSPORT).equals(other.settings(Part.TRANSPORT));
    }
}
