package dev.kimi.starter.httpservice.autoconfigure;

import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.web.client.support.RestClientHttpServiceGroupConfigurer;

/**
 * Lets the HTTP service groups that are named as a client run over it, such as {@code @ImportHttpServices(group =
 * "kimi", types = …)}; {@code kimi} is the default one. Other groups are left alone.
 */
@AutoConfiguration(after = KimiAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "kimi.enabled", matchIfMissing = true)
@ConditionalOnClass(RestClientHttpServiceGroupConfigurer.class)
public final class KimiHttpServiceAutoConfiguration {

    @Bean
    EngineGroups kimiHttpServiceGroups(ListableBeanFactory beans) {
        return new EngineGroups(beans);
    }
}
