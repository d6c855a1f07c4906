package dev.kimi.samples.failover;

import static dev.kimi.test.Reply.reasoning;
import static dev.kimi.test.Reply.text;

import dev.kimi.test.KimiSimulator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.util.StringUtils;

/** Without a key for a service, a simulator in this process responds. Your application does not need this class. */
final class Simulators implements ApplicationContextInitializer<GenericApplicationContext> {

    @Override
    public void initialize(GenericApplicationContext context) {
        Map<String, Object> settings = new LinkedHashMap<>();
        List<String> without = new ArrayList<>();
        if (hasNoKey(context, "kimi")) {
            without.add("Kimi");
            SimulatedKimi kimi = new SimulatedKimi();
            settings.put("kimi.base-url", kimi.baseUrl());
            settings.put("kimi.api-key", "simulated");
            context.registerBean(SimulatedKimi.class, () -> kimi);
        }
        if (hasNoKey(context, "kimi.clients.claude")) {
            without.add("Claude");
            KimiSimulator claude = claude();
            settings.put("kimi.clients.claude.base-url", claude.baseUrl());
            settings.put("kimi.clients.claude.api-key", "simulated");
            context.registerBean(KimiSimulator.class, () -> claude);
        }
        if (!without.isEmpty()) {
            context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("simulated", settings));
            System.err.println("No key for " + String.join(" and ", without)
                    + ": a simulator in this process responds; what it gets does not leave this machine.");
        }
    }

    private static boolean hasNoKey(GenericApplicationContext context, String client) {
        return !StringUtils.hasText(context.getEnvironment().getProperty(client + ".api-key"));
    }

    private static KimiSimulator claude() {
        KimiSimulator claude = KimiSimulator.start();
        claude.reply(
                reasoning("The other direction.").thenToolCall("trains", "{\"from\":\"Zug\",\"to\":\"Bern\"}"),
                text("Back they leave at 8:02 and at 8:32, too."));
        return claude.otherwise(text("The one at 8:02: it takes 56 minutes."));
    }
}
