package dev.kimi.starter.web;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JacksonModule;

/**
 * What leaves the application: the types of the chat model as JSON. It also holds with {@code kimi.enabled=false}, since
 * a client can be a bean of the application, as in tests.
 */
@AutoConfiguration
public final class KimiWebAutoConfiguration {

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(JacksonModule.class)
    static final class Json {

        @Bean
        KimiJson kimiJson() {
            return new KimiJson();
        }
    }
}
