package dev.kimi.starter.autoconfigure;

import dev.kimi.KimiClient;
import dev.kimi.starter.KimiClientProperties;
import dev.kimi.starter.KimiConnectionDetails;
import dev.kimi.starter.KimiProperties;
import org.springframework.aot.hint.annotation.RegisterReflectionForBinding;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.context.LifecycleProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;

/** Publishes the client, and those below {@code kimi.clients}, unless {@code kimi.enabled} is false. */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "kimi.enabled", matchIfMissing = true)
@EnableConfigurationProperties(KimiProperties.class)
@Import(NamedClientsRegistrar.class)
@RegisterReflectionForBinding(KimiClientProperties.class)
public final class KimiAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(KimiConnectionDetails.class)
    PropertiesKimiConnectionDetails kimiConnectionDetails(KimiProperties properties) {
        return new PropertiesKimiConnectionDetails(properties);
    }

    @Bean
    KimiClientFactory kimiClientFactory(ListableBeanFactory beans, Environment environment, KimiProperties properties) {
        return new KimiClientFactory(beans, environment, properties);
    }

    @Bean
    @Primary
    @ConditionalOnMissingBean
    @Conditional(DefaultClientCondition.class)
    KimiClient kimiClient(KimiClientFactory factory) {
        return factory.defaultClient();
    }

    @Bean
    ClientWarmUp kimiWarmUp(ConfigurableListableBeanFactory beans, KimiClientFactory factory) {
        return new ClientWarmUp(beans, factory::warmUp);
    }

    @Bean
    ClientShutdown kimiShutdown(ConfigurableApplicationContext context, ObjectProvider<LifecycleProperties> phases) {
        return new ClientShutdown(
                context, phases.getIfAvailable(LifecycleProperties::new).getTimeoutPerShutdownPhase());
    }
}
