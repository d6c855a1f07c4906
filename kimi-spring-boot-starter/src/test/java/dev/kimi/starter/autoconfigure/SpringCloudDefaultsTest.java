package dev.kimi.starter.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import net.bytebuddy.ByteBuddy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.env.DefaultPropertiesPropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.DefaultResourceLoader;

/** Who gets the defaults that keep Spring Cloud out of an application's health. */
class SpringCloudDefaultsTest {

    private static final String REFRESH = "management.health.refresh.enabled";
    private static final String DISCOVERY = "spring.cloud.discovery.client.composite-indicator.enabled";

    private final ConfigurableEnvironment environment = new StandardEnvironment();

    @Test
    void an_application_that_only_has_openfeign_gets_them() {
        process(getClass().getClassLoader());

        assertThat(environment.getProperty(REFRESH)).isEqualTo("false");
        assertThat(environment.getProperty(DISCOVERY)).isEqualTo("false");
    }

    @Test
    void every_other_source_wins_even_the_application_s_own_defaults() {
        environment
                .getPropertySources()
                .addLast(new DefaultPropertiesPropertySource(Map.of(REFRESH, "true", "own", "kept")));
        environment.getPropertySources().addFirst(new MapPropertySource("file", Map.of(DISCOVERY, "true")));

        process(getClass().getClassLoader());

        assertThat(environment.getProperty(REFRESH)).isEqualTo("true");
        assertThat(environment.getProperty(DISCOVERY)).isEqualTo("true");
        assertThat(environment.getProperty("own")).isEqualTo("kept");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory",
                "org.springframework.cloud.config.client.ConfigClientAutoConfiguration"
            })
    void an_application_that_uses_more_of_spring_cloud_keeps_its_health(String type) {
        process(new ByteBuddy()
                .makeInterface()
                .name(type)
                .make()
                .load(getClass().getClassLoader())
                .getLoaded()
                .getClassLoader());

        assertThat(environment.getProperty(REFRESH)).isNull();
    }

    private void process(ClassLoader classes) {
        SpringApplication application = new SpringApplication(new DefaultResourceLoader(classes), Object.class);
        new SpringCloudDefaults().postProcessEnvironment(environment, application);
    }
}
