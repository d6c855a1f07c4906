package dev.kimi.oauth2;

import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The values of the setting {@code client-authentication}, each with the settings that only some of them use. */
enum ClientMethod {
    BASIC("client-secret"),
    POST("client-secret"),
    PRIVATE_KEY_JWT("private-key-file", "key-id"),
    TLS,
    NONE;

    private final List<String> uses;

    ClientMethod(String... uses) {
        this.uses = List.of(uses);
    }

    /**
     * The authentication that the settings choose.
     *
     * @param grant what tokens are requested by
     * @throws ConfigurationException if a setting is missing or wrong, or the method does not use it
     */
    static ClientAuthentication authentication(ProviderSettings settings, URI tokenUri, Grant grant) {
        ClientMethod method = of(settings);
        method.checkUnused(settings);
        String clientId = settings.require("client-id");
        return switch (method) {
            case BASIC, POST ->
                new SharedSecret(clientId, settings.require("client-secret").toCharArray(), method == POST);
            case PRIVATE_KEY_JWT -> new SignedAssertion(settings, clientId, tokenUri, SigningKey.of(settings));
            case TLS -> {
                if (!"https".equalsIgnoreCase(tokenUri.getScheme())) {
                    throw new ConfigurationException(
                            settings.fullName("token-uri"),
                            "The setting " + settings.fullName("token-uri") + " is no https address, and "
                                    + settings.fullName("client-authentication")
                                    + " tls presents a certificate of TLS.",
                            "Write the https address for clients with certificates, or choose another method.");
                }
                yield (form, headers) -> form.add("client_id", clientId);
            }
            case NONE -> {
                if (grant == Grant.CLIENT_CREDENTIALS) {
                    throw new ConfigurationException(
                            settings.fullName("client-authentication"),
                            "The setting " + settings.fullName("client-authentication")
                                    + " is none, and a client without a secret gets no token of its own.",
                            "Set " + settings.fullName("refresh-token-file")
                                    + ", or write basic, post, private_key_jwt or tls.");
                }
                yield (form, headers) -> form.add("client_id", clientId);
            }
        };
    }

    static ClientMethod of(ProviderSettings settings) {
        String written = settings.get("client-authentication", "basic")
                .strip()
                .toUpperCase(Locale.ROOT)
                .replace('-', '_');
        return Arrays.stream(values())
                .filter(method -> method.name().equals(written))
                .findFirst()
                .orElseThrow(() -> new ConfigurationException(
                        settings.fullName("client-authentication"),
                        "The setting " + settings.fullName("client-authentication")
                                + " is none of basic, post, private_key_jwt, tls and none.",
                        "Write basic, unless the token endpoint wants something else."));
    }

    /** For messages; each with a comma behind it. */
    String settingsToCheck() {
        return uses.stream().map(setting -> setting + ", ").collect(Collectors.joining());
    }

    private String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    private void checkUnused(ProviderSettings settings) {
        for (String setting : List.of("client-secret", "private-key-file", "key-id")) {
            if (settings.find(setting) != null && !uses.contains(setting)) {
                String users = Arrays.stream(values())
                        .filter(method -> method.uses.contains(setting))
                        .map(ClientMethod::text)
                        .collect(Collectors.joining(" or "));
                throw new ConfigurationException(
                        settings.fullName(setting),
                        "The setting " + settings.fullName(setting) + " is not used: "
                                + settings.fullName("client-authentication") + " is " + text() + ".",
                        "Set " + settings.fullName("client-authentication") + " to " + users + ", or remove "
                                + settings.fullName(setting) + ".");
            }
        }
    }
}
