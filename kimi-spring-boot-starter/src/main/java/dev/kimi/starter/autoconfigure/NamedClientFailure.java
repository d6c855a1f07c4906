package dev.kimi.starter.autoconfigure;

import dev.kimi.error.ConfigurationException;

/** Says which client a setting is of, since everybody below the starter knows only one. */
final class NamedClientFailure {

    private NamedClientFailure() {}

    static ConfigurationException of(ClientSettings own, ConfigurationException failure) {
        String setting = failure.setting();
        String below = setting.startsWith("kimi.") ? setting.substring("kimi.".length()) : setting;
        boolean ofClient = own.isOwn(below);
        String prefix = "kimi.clients." + own.client() + ".";
        return new ConfigurationException(
                ofClient ? prefix + below : setting,
                "Client '" + own.client() + "': " + rename(failure.problem(), setting, below, prefix, ofClient),
                rename(failure.fix(), setting, below, prefix, ofClient));
    }

    private static String rename(String text, String setting, String below, String prefix, boolean ofClient) {
        if (!ofClient || text.contains(prefix)) {
            return text;
        }
        return text.replace(setting, prefix + below)
                .replace(" kimi.auth.", " " + prefix + "auth.")
                .replace("KIMI_API_KEY", SettingSources.variable(prefix + "api-key"));
    }
}
