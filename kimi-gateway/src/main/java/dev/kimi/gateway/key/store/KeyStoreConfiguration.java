package dev.kimi.gateway.key.store;

import dev.kimi.gateway.key.KeyStore;
import dev.kimi.gateway.key.KeysProperties;
import dev.kimi.gateway.key.SpendingStore;
import dev.kimi.time.TimeSource;
import java.nio.file.Path;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Chooses the stores: of a file, of a database, or none. */
@Configuration(proxyBeanMethods = false)
final class KeyStoreConfiguration {

    /** Names this run of the gateway among all that share a store. */
    private static String instance() {
        return UUID.randomUUID().toString();
    }

    /** Keys in a file. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty("kimi.gateway.keys.file")
    static final class Files {

        @Bean
        KeyStore fileKeyStore(KeysProperties properties) {
            return new FileKeyStore(file(properties));
        }

        @Bean
        SpendingStore fileSpendingStore(KeysProperties properties, ObjectProvider<TimeSource> time) {
            return new FileSpendingStore(
                    properties.spendingBeside(file(properties)), instance(), time.getIfAvailable(TimeSource::system));
        }

        private static Path file(KeysProperties properties) {
            Path file = properties.file();
            if (file == null) {
                throw new IllegalArgumentException("kimi.gateway.keys.file is empty");
            }
            return file;
        }
    }

    /** Keys in a database. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty("spring.datasource.url")
    static final class Databases {

        @Bean
        @DependsOnDatabaseInitialization
        KeyStore jdbcKeyStore(DataSource dataSource) {
            return new JdbcKeyStore(dataSource);
        }

        @Bean
        @DependsOnDatabaseInitialization
        SpendingStore jdbcSpendingStore(DataSource dataSource) {
            return new JdbcSpendingStore(dataSource, instance());
        }
    }
}
