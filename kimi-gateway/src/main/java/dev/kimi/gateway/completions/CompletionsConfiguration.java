package dev.kimi.gateway.completions;

import dev.kimi.gateway.dialect.Dialect;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(CompletionsProperties.class)
class CompletionsConfiguration {

    @Bean
    Dialect completionsDialect(CompletionsProperties properties) {
        return new CompletionsDialect(properties.passHeaders(), InstantSource.system());
    }
}
