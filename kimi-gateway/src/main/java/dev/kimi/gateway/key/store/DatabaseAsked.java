package dev.kimi.gateway.key.store;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;

/**
 * Leaves Spring Boot's data source out unless one is configured: the jar brings a pool and a driver, and Boot would
 * insist on an address for them.
 */
final class DatabaseAsked implements AutoConfigurationImportFilter, EnvironmentAware {

    private static final String DATA_SOURCE = "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration";

    private @Nullable Environment environment;

    @Override
    public void setEnvironment(Environment value) {
        this.environment = value;
    }

    @Override
    public boolean[] match(@Nullable String[] classes, AutoConfigurationMetadata metadata) {
        boolean asked = environment != null && environment.containsProperty("spring.datasource.url");
        boolean[] matches = new boolean[classes.length];
        for (int i = 0; i < classes.length; i++) {
            matches[i] = asked || !DATA_SOURCE.equals(classes[i]);
        }
        return matches;
    }
}
