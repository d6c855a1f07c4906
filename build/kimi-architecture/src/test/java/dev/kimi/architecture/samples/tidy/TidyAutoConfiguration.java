package dev.kimi.architecture.samples.tidy;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;

@AutoConfiguration
public final class TidyAutoConfiguration {
    @Bean
    KimiClient kimiClient() {
        return new KimiClient();
    }
}
