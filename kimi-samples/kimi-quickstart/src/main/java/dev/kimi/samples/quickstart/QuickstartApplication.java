package dev.kimi.samples.quickstart;

import dev.kimi.samples.quickstart.simulator.SimulatedService;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.SimpleCommandLinePropertySource;

/**
 * Prints one streamed response and then serves a chat page; with {@code --input=prompts.jsonl} sends all of the file
 * instead and ends. Talks to Kimi if {@code KIMI_API_KEY} is set, else to a simulator in this process.
 */
@SpringBootApplication
@ConfigurationPropertiesScan
public class QuickstartApplication {

    static final String BATCH = "batch";

    public static void main(String[] args) {
        ConfigurableApplicationContext context = application(args).run(args);
        if (context.getEnvironment().matchesProfiles(BATCH)) {
            System.exit(SpringApplication.exit(context));
        }
    }

    static SpringApplication application(String... args) {
        SpringApplication application = new SpringApplication(QuickstartApplication.class);
        application.addInitializers(new SimulatedService());
        SimpleCommandLinePropertySource options = new SimpleCommandLinePropertySource(args);
        if (options.containsProperty("input") || options.containsProperty("kimi.quickstart.input")) {
            application.setAdditionalProfiles(BATCH);
        }
        return application;
    }
}
