package dev.kimi;

import dev.kimi.error.ConfigurationException;
import dev.kimi.internal.util.HttpText;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** What a base URL may be: https, or clear text that does not leave this machine. */
final class BaseUrl {

    private static final String SETTING = "kimi.base-url";

    private static final int LAST_PORT = 65_535;

    private BaseUrl() {}

    static URI parse(String value) {
        String trimmed = value.strip();
        while (trimmed.endsWith("/")) {
            trimmed = trimmed.substring(0, trimmed.length() - 1);
        }
        if (trimmed.endsWith("/v1")) {
            trimmed = trimmed.substring(0, trimmed.length() - "/v1".length());
        }
        URI uri;
        try {
            uri = new URI(trimmed);
        } catch (URISyntaxException e) {
            throw wrong("The base URL cannot be read as a URL.");
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("https") && !scheme.equals("http") || uri.getHost() == null) {
            throw wrong("The base URL is not an http or https address with a host.");
        }
        if (!trimmed.chars().allMatch(c -> c < 0x7f)) {
            throw wrong("The base URL holds characters outside ASCII.");
        }
        if (uri.getPort() == 0 || uri.getPort() > LAST_PORT) {
            throw wrong("The base URL names a port that does not exist.");
        }
        if (uri.getRawUserInfo() != null) {
            // not repeated in the message: what stands there is a secret
            throw wrong("The base URL holds a user name or password.");
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw wrong("The base URL holds a query or a fragment.");
        }
        if (HttpText.climbs(uri.getRawPath()) || uri.getRawPath().contains("//")) {
            throw wrong("The base URL's path holds empty segments, or . or .., which servers read differently.");
        }
        return uri;
    }

    static void check(URI baseUrl, boolean allowInsecure) {
        if ("http".equalsIgnoreCase(baseUrl.getScheme()) && !allowInsecure && !isThisMachine(baseUrl.getHost())) {
            throw new ConfigurationException(
                    SETTING,
                    "The base URL http://" + baseUrl.getHost() + " would send the key in clear text.",
                    "Write https://, or set kimi.allow-insecure=true if the network between is yours.");
        }
    }

    private static boolean isThisMachine(String host) {
        return host.equalsIgnoreCase("localhost")
                || host.equals("[::1]")
                || host.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
    }

    private static ConfigurationException wrong(String problem) {
        return new ConfigurationException(
                SETTING, problem, "Write it like https://api.moonshot.ai, without key, query or fragment.");
    }
}
