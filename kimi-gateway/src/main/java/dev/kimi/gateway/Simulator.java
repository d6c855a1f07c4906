package dev.kimi.gateway;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Latency;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.util.StringUtils;

/** Without a key for a service, a simulator in this process responds. */
final class Simulator implements ApplicationContextInitializer<GenericApplicationContext> {

    @Override
    public void initialize(GenericApplicationContext context) {
        boolean kimi = isWithoutKey(context.getEnvironment(), "kimi.api-key");
        boolean claude = isWithoutKey(context.getEnvironment(), "kimi.clients.claude.api-key");
        if (kimi || claude) {
            KimiSimulator simulator = start(kimi && claude ? "Kimi and Claude" : kimi ? "Kimi" : "Claude");
            Map<String, Object> settings = new LinkedHashMap<>();
            if (kimi) {
                settings.putAll(Map.of("kimi.base-url", simulator.baseUrl(), "kimi.api-key", "simulated"));
            }
            if (claude) {
                settings.put("kimi.clients.claude.base-url", simulator.baseUrl());
                settings.put("kimi.clients.claude.api-key", "simulated");
            }
            context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("simulated", settings));
            context.registerBean("gatewaySimulator", KimiSimulator.class, () -> simulator);
        }
    }

    private static boolean isWithoutKey(ConfigurableEnvironment environment, String key) {
        return !StringUtils.hasText(environment.getProperty(key));
    }

    private static KimiSimulator start(String services) {
        Latency pace = Latency.of(Duration.ofMillis(400), Duration.ofMillis(20))
                .withTokens(140, 0.4, 1)
                .withReasoningTokens(40);
        KimiSimulator simulator = KimiSimulator.builder().latency(pace).start();
        System.err.println("No key for " + services + ": a simulator in this process responds, at "
                + simulator.baseUrl() + "; what it gets does not leave this machine.");
        return simulator;
    }
}
