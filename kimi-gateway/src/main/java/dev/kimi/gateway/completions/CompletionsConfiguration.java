package dev.kimi.gateway.completions;

import dev.kimi.gateway.dialect.Dialect;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
final class CompletionsConfiguration {

    @Bean
    Dialect completionsDialect() {
        return new CompletionsDialect(InstantSource.system());
    }
}
