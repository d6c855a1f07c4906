package dev.kimi.samples.bulk;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/**
 * Sends every prompt of {@code --input=prompts.jsonl} and ends. Talks to Kimi if {@code KIMI_API_KEY} is set, else to a
 * simulator in this process.
 */
@SpringBootApplication
@ConfigurationPropertiesScan
public class BulkApplication {

    public static void main(String[] args) {
        System.exit(SpringApplication.exit(application().run(args)));
    }

    static SpringApplication application() {
        SpringApplication application = new SpringApplication(BulkApplication.class);
        application.addInitializers(new SimulatedService());
        return application;
    }
}
