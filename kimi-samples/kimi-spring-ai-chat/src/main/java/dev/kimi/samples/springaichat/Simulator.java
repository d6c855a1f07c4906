package dev.kimi.samples.springaichat;

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
                reasoning("Both have to be looked up.")
                        .thenToolCall("trains", "{\"from\":\"Bern\",\"to\":\"Zug\"}")
                        .thenToolCall("drive", "{\"from\":\"Bern\",\"to\":\"Bern\"}")
                        .usage(420, 60, 0),
                reasoning("The cities must differ.")
                        .thenToolCall("drive", "{\"from\":\"Bern\",\"to\":\"Zug\"}")
                        .usage(560, 30, 420),
                reasoning("The train is faster.")
                        .thenText("Take the train at 8:02: it is there in 56 minutes, the car in 85.")
                        .usage(620, 40, 560),
                text("Then the train at 8:32, which takes 59 minutes.").usage(480, 20, 420),
                text("{\"means\":\"TRAIN\",\"minutes\":56,\"reason\":\"Half an hour faster than the car.\"}")
                        .usage(560, 30, 480));
    }
}
