package dev.kimi.starter.autoconfigure;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * What the actuator shows of the clients: the endpoint {@code kimi}, and no secrets in the endpoints {@code env} and
 * {@code configprops}. The latter holds with {@code kimi.enabled=false} too, since the settings are there all the same.
 */
@AutoConfiguration(after = KimiAutoConfiguration.class)
@ConditionalOnClass({SanitizingFunction.class, ConditionalOnAvailableEndpoint.class})
public final class KimiActuatorAutoConfiguration {

    @Bean
    static SettingsSanitizer kimiSettingsSanitizer(
            ConfigurableEnvironment environment, ObjectProvider<SanitizingFunction> all) {
        return new SettingsSanitizer(environment, all);
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnBooleanProperty(name = "kimi.enabled", matchIfMissing = true)
    @ConditionalOnAvailableEndpoint(KimiEndpoint.class)
    static final class Endpoint {

        @Bean
        KimiEndpoint kimiEndpoint(ListableBeanFactory beans, ObjectProvider<KimiClientFactory> factory) {
            return new KimiEndpoint(beans, factory);
        }
    }
}
