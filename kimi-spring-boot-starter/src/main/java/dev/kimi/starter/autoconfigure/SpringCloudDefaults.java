package dev.kimi.starter.autoconfigure;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.env.DefaultPropertiesPropertySource;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.util.ClassUtils;

/**
 * Switches off the health contributors that come with OpenFeign and that nobody asked for: refresh scope and service
 * discovery. They are defaults, which any other source of properties overrides, and an application that uses discovery
 * or the configuration server of Spring Cloud itself keeps its own.
 */
final class SpringCloudDefaults implements EnvironmentPostProcessor, Ordered {

    private static final List<String> SETTINGS = List.of(
            "management.health.refresh.enabled",
            "spring.cloud.discovery.client.composite-indicator.enabled",
            "spring.cloud.discovery.client.health-indicator.enabled");

    private static final String OPEN_FEIGN = "org.springframework.cloud.openfeign.FeignClientBuilder";

    /** Every starter of a service registry brings the first. */
    private static final List<String> IN_USE = List.of(
            "org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory",
            "org.springframework.cloud.config.client.ConfigClientAutoConfiguration");

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        ClassLoader classes = application.getClassLoader();
        if (!ClassUtils.isPresent(OPEN_FEIGN, classes)
                || IN_USE.stream().anyMatch(type -> ClassUtils.isPresent(type, classes))) {
            return;
        }
        // the application's default properties are last of all, and are to win over these
        PropertySource<?> theirs = environment.getPropertySources().get(DefaultPropertiesPropertySource.NAME);
        Map<String, Object> defaults = new LinkedHashMap<>();
        SETTINGS.stream()
                .filter(setting -> theirs == null || !theirs.containsProperty(setting))
                .forEach(setting -> defaults.put(setting, "false"));
        DefaultPropertiesPropertySource.addOrMerge(defaults, environment.getPropertySources());
    }
}
