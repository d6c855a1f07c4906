package dev.kimi.gateway.key;

import dev.kimi.error.ConfigurationException;
import dev.kimi.time.TimeSource;
import java.io.UncheckedIOException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

/** Makes what looks after keys, of the stores that are configured. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(KeysProperties.class)
final class KeysConfiguration {

    @Bean
    KeyService keyService(
            KeysProperties properties,
            ObjectProvider<KeyStore> keys,
            ObjectProvider<SpendingStore> spending,
            ObjectProvider<TimeSource> time,
            ConfigurableEnvironment environment) {
        Exposure exposure = new Exposure(environment);
        if (keys.stream().count() > 1) {
            throw Exposure.twoStores();
        }
        KeyStore store = keys.getIfAvailable();
        if (store == null) {
            exposure.checkOpen();
            return KeyService.open();
        }
        try {
            return KeyService.of(store, spending.getObject(), properties, time.getIfAvailable(TimeSource::system));
        } catch (UncheckedIOException e) {
            throw new ConfigurationException(
                    "kimi.gateway.keys",
                    String.valueOf(e.getMessage()),
                    "Without its keys the gateway would let nobody in: put that right, and start it again.");
        }
    }

    @Bean
    @ConditionalOnMissingBean
    Gatekeeper gatekeeper(KeyService service) {
        return service.gatekeeper();
    }

    @Bean
    @ConditionalOnMissingBean
    VirtualKeys virtualKeys(KeyService service) {
        return service.keys();
    }
}
