package dev.kimi.starter.autoconfigure;

import dev.kimi.Part;
import dev.kimi.spi.ProviderSettings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** The limits of a pool of our own transport besides the number of connections, with their defaults. */
final class PoolLimits {

    private static final Map<String, String> DEFAULTS =
            Map.of("sizing", "auto", "max-pending", "1000", "idle-timeout", "PT2M", "max-age", "PT10M");

    private PoolLimits() {}

    /** Names as below {@code kimi.transport}; empty for a transport from elsewhere, whose limits nobody here knows. */
    static Map<String, Object> of(ClientSettings settings) {
        Map<String, Object> limits = new LinkedHashMap<>();
        if (settings.providerOrUsual(Part.TRANSPORT).equals(Part.TRANSPORT.usual())) {
            Map<String, String> set = settings.of(Part.TRANSPORT);
            limits.put("sizing", set.getOrDefault("sizing", DEFAULTS.get("sizing")));
            limits.put("max-pending", Integer.valueOf(set.getOrDefault("max-pending", DEFAULTS.get("max-pending"))));
            limits.put("idle-timeout", time(set, "idle-timeout"));
            limits.put("max-age", time(set, "max-age"));
        }
        return limits;
    }

    private static String time(Map<String, String> set, String name) {
        return ProviderSettings.text(Duration.parse(set.getOrDefault(name, DEFAULTS.get(name))));
    }
}
