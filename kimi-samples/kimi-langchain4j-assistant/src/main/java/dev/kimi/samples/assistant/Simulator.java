package dev.kimi.samples.assistant;

import static dev.kimi.test.Reply.reasoning;
import static dev.kimi.test.Reply.text;

import dev.kimi.test.KimiSimulator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.util.StringUtils;

/** Without a key for a service, a simulator in this process responds. Your application does not need this class. */
final class Simulator implements ApplicationContextInitializer<GenericApplicationContext> {

    @Override
    public void initialize(GenericApplicationContext context) {
        List<String> without = List.of("kimi", "kimi.clients.claude").stream()
                .filter(client -> !StringUtils.hasText(context.getEnvironment().getProperty(client + ".api-key")))
                .toList();
        if (!without.isEmpty()) {
            KimiSimulator simulator = KimiSimulator.start();
            Map<String, Object> settings = new LinkedHashMap<>();
            for (String client : without) {
                settings.put(client + ".base-url", simulator.baseUrl());
                settings.put(client + ".api-key", "simulated");
                script(simulator);
            }
            context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("simulated", settings));
            context.registerBean(KimiSimulator.class, () -> simulator);
            System.err.println("No key for " + String.join(" and ", without)
                    + ": a simulator in this process responds, at " + simulator.baseUrl()
                    + "; what it gets does not leave this machine.");
        }
    }

    /** What a model says. The simulator checks each request like the service: tool turns, reasoning, schemas. */
    private static void script(KimiSimulator simulator) {
        simulator.reply(
                reasoning("That depends on the weather.").thenToolCall("forecast", "{\"city\":\"Bern\"}"),
                text("Yes: it rains in Bern tomorrow."),
                reasoning("Another city.").thenToolCall("forecast", "{\"city\":\"Rome\"}"),
                text("No: Rome has sun, and 15 degrees more than Bern."),
                text("{\"city\":\"Bern\",\"umbrella\":true,\"clothes\":[\"rain coat\",\"pullover\",\"boots\"]}"),
                text("Bern lies between Jura and Alps, and so its weather comes from the west, which means rain.")
                        .stallAfterEvents(12));
    }
}
