package dev.kimi.gateway.messages;

import dev.kimi.gateway.dialect.Dialect;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(MessagesProperties.class)
final class MessagesConfiguration {

    @Bean
    Dialect messagesDialect(MessagesProperties properties) {
        return new MessagesDialect(properties);
    }
}
