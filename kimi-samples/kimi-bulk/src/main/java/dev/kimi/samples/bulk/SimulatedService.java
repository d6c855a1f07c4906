package dev.kimi.samples.bulk;

import dev.kimi.test.FaultMix;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Latency;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.event.ApplicationFailedEvent;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.util.StringUtils;

/** Without a key, starts a simulator in this process and points the client to it; nothing else differs. */
final class SimulatedService implements ApplicationContextInitializer<ConfigurableApplicationContext> {

    private static final Latency PACE = Latency.of(Duration.ofMillis(400), Duration.ofMillis(20))
            .withTokens(140, 0.4, 1)
            .withReasoningTokens(40);

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        ConfigurableEnvironment environment = context.getEnvironment();
        if (StringUtils.hasText(environment.getProperty("kimi.api-key"))) {
            return;
        }
        FaultMix faults = Faults.parse(environment.getProperty("bulk.faults", ""));
        KimiSimulator simulator = KimiSimulator.builder().latency(PACE).start().faults(faults);
        // A failed start leaves the context without a close, and the simulator's threads would keep the process alive.
        context.addApplicationListener((ApplicationListener<ContextClosedEvent>) event -> simulator.close());
        context.addApplicationListener((ApplicationListener<ApplicationFailedEvent>) event -> simulator.close());
        context.getBeanFactory().registerSingleton("kimiSimulator", simulator);
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "simulator", Map.of("kimi.base-url", simulator.baseUrl(), "kimi.api-key", "simulated")));
        // The simulated model is never silent for long, so that a stall need not be waited for as in earnest.
        environment
                .getPropertySources()
                .addLast(new MapPropertySource(
                        "simulator pace",
                        Map.of(
                                "kimi.timeout.first-event", "15s",
                                "kimi.timeout.idle", "5s")));
        System.err.println("KIMI_API_KEY is not set: a simulator in this process responds, at " + simulator.baseUrl()
                + "; nothing leaves this machine.");
    }
}
