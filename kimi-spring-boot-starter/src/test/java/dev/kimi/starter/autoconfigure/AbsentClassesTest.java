package dev.kimi.starter.autoconfigure;

import static dev.kimi.starter.autoconfigure.KimiAutoConfigurationTest.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.starter.feign.autoconfigure.KimiFeignAutoConfiguration;
import dev.kimi.starter.springretry.autoconfigure.KimiSpringRetryAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.openfeign.FeignAutoConfiguration;

/** What is left when an application excludes what the starter brings. */
class AbsentClassesTest {

    private final ApplicationContextRunner contexts = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    KimiAutoConfiguration.class,
                    FeignAutoConfiguration.class,
                    KimiFeignAutoConfiguration.class,
                    KimiSpringRetryAutoConfiguration.class))
            .withPropertyValues("kimi.api-key=sk-test");

    @Test
    void nothing_absent() {
        contexts.run(context -> assertThat(context)
                .hasSingleBean(KimiClient.class)
                .hasBean("kimiApi")
                .hasBean("kimiRetryTemplate"));
    }

    @Test
    void without_feign() {
        contexts.withClassLoader(new FilteredClassLoader("feign", "org.springframework.cloud.openfeign"))
                .run(context -> assertThat(context)
                        .hasSingleBean(KimiClient.class)
                        .doesNotHaveBean("kimiApi")
                        .hasBean("kimiRetryTemplate"));
    }

    @Test
    void without_spring_retry() {
        contexts.withClassLoader(new FilteredClassLoader("org.springframework.retry"))
                .run(context -> assertThat(context)
                        .hasSingleBean(KimiClient.class)
                        .hasBean("kimiApi")
                        .doesNotHaveBean("kimiRetryTemplate"));
    }

    @Test
    void without_caffeine() {
        contexts.withClassLoader(new FilteredClassLoader("com.github.benmanes.caffeine"))
                .run(context -> assertThat(context).hasSingleBean(KimiClient.class));
    }

    @Test
    void without_caffeine_tokens_cannot_be_kept() {
        contexts.withClassLoader(new FilteredClassLoader("com.github.benmanes.caffeine"))
                .withPropertyValues(
                        "kimi.auth.provider=oauth2",
                        "kimi.auth.token-uri=https://login.example.org/token",
                        "kimi.auth.client-id=id",
                        "kimi.auth.client-secret=s3cret")
                .run(context -> assertThat(failure(context.getStartupFailure()))
                        .hasMessageContaining("Caffeine")
                        .hasMessageContaining("com.github.ben-manes.caffeine:caffeine"));
    }
}
