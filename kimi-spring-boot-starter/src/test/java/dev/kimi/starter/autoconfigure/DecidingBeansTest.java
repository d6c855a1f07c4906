package dev.kimi.starter.autoconfigure;

import static dev.kimi.starter.autoconfigure.KimiAutoConfigurationTest.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.batch.BatchWindow;
import dev.kimi.batch.BatchWindowFactory;
import dev.kimi.chat.ChatRequest;
import dev.kimi.error.KimiException.Details;
import dev.kimi.error.ServerException;
import dev.kimi.retry.FailedAttempt;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.starter.KimiClientCustomizer;
import dev.kimi.starter.springretry.autoconfigure.KimiSpringRetryAutoConfiguration;
import dev.kimi.test.KimiSimulator;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.retry.backoff.BackOffPolicy;
import org.springframework.retry.backoff.FixedBackOffPolicy;
import org.springframework.retry.policy.SimpleRetryPolicy;

/** Beans that could decide are used, or the start says why not. */
@ExtendWith(OutputCaptureExtension.class)
class DecidingBeansTest {

    private final Map<String, RetryPolicy> policies = new HashMap<>();

    private final ApplicationContextRunner contexts = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(KimiAutoConfiguration.class, KimiSpringRetryAutoConfiguration.class))
            .withBean(
                    KimiClientCustomizer.class,
                    () -> builder -> assertThat(builder)
                            .satisfies(b -> assertThat(b)
                                    .extracting("endpoint.name", "endpoint.retryPolicy")
                                    .satisfies(found -> {
                                        if (found.get(1) != null) {
                                            policies.put((String) found.get(0), (RetryPolicy) found.get(1));
                                        }
                                    })))
            .withPropertyValues("kimi.api-key=sk-test", "kimi.clients.second.api-key=sk-second");

    private @Nullable Duration delay(String client, int attempt, Duration elapsed) {
        ServerException failure =
                new ServerException("500", Details.builder().elapsed(elapsed).build(), null);
        return policies.get(client)
                .decide(new FailedAttempt(failure, attempt, Duration.ofMinutes(10), () -> 0L))
                .delay();
    }

    private @Nullable Duration delay(String client, int attempt) {
        return delay(client, attempt, Duration.ZERO);
    }

    @Test
    void a_policy_and_a_back_off_of_spring_retry_decide_together() {
        contexts.withUserConfiguration(OwnPolicy.class, OwnBackOff.class)
                .withPropertyValues("kimi.retry.preset=spring")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(delay("default", 4)).isEqualTo(Duration.ofMillis(250));
                    assertThat(delay("default", 5)).isNull();
                    assertThat(delay("second", 4)).isEqualTo(Duration.ofMillis(250));
                });
    }

    @Test
    void a_lone_back_off_decides_how_long_and_the_settings_how_often() {
        contexts.withUserConfiguration(OwnBackOff.class)
                .withPropertyValues("kimi.retry.preset=spring", "kimi.retry.max-attempts=2")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(delay("default", 1)).isEqualTo(Duration.ofMillis(250));
                    assertThat(delay("default", 2)).isNull();
                });
    }

    @Test
    void a_policy_of_spring_framework_decides_with_its_back_off_and_timeout() {
        contexts.withUserConfiguration(CorePolicy.class)
                .withPropertyValues("kimi.retry.preset=spring")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(delay("default", 1)).isEqualTo(Duration.ofMillis(100));
                    assertThat(delay("default", 2)).isEqualTo(Duration.ofMillis(200));
                    assertThat(delay("default", 3)).isNull();
                    assertThat(delay("default", 1, Duration.ofSeconds(5))).isNull();
                });
    }

    @Test
    void the_preset_of_each_client_says_whether_beans_decide_for_it() {
        contexts.withUserConfiguration(OwnPolicy.class, OwnBackOff.class)
                .withPropertyValues("kimi.clients.second.retry.preset=spring")
                .run(context -> assertThat(policies).containsOnlyKeys("second"));
        policies.clear();
        contexts.withUserConfiguration(OwnPolicy.class, OwnBackOff.class)
                .withPropertyValues("kimi.retry.preset=spring", "kimi.clients.second.retry.preset=never")
                .run(context -> assertThat(policies).containsOnlyKeys("default"));
    }

    @Test
    void a_policy_of_each_kind_stops_the_start_unless_each_is_for_a_client_of_its_own() {
        contexts.withUserConfiguration(OwnPolicy.class, CorePolicy.class)
                .withPropertyValues("kimi.retry.preset=spring")
                .run(context -> assertThat(failure(context.getStartupFailure()))
                        .hasMessageContaining("of Spring Framework")
                        .hasMessageContaining("@Qualifier"));
        contexts.withUserConfiguration(OfSecond.class, CorePolicy.class)
                .withPropertyValues("kimi.retry.preset=spring")
                .run(context -> assertThat(failure(context.getStartupFailure())).isNotNull());
    }

    @Test
    void two_policies_stop_the_start_with_their_names() {
        contexts.withUserConfiguration(OwnPolicy.class)
                .withBean("other", SimpleRetryPolicy.class, SimpleRetryPolicy::new)
                .withPropertyValues("kimi.retry.preset=spring")
                .run(context ->
                        assertThat(failure(context.getStartupFailure())).hasMessageContaining("other, ownPolicy"));
    }

    @Test
    void with_another_preset_the_start_says_that_they_are_not_asked(@TempDir Path folder, CapturedOutput output) {
        LoggingSystem logging = LoggingSystem.get(getClass().getClassLoader());
        try {
            Start.with(
                            folder,
                            "kimi.api-key: sk-test\nlogging.level.dev.kimi.starter: info\n",
                            Map.of(),
                            Start.Application.class,
                            OwnBackOff.class,
                            CorePolicy.class)
                    .close();
        } finally {
            logging.setLogLevel("dev.kimi.starter", null);
        }

        assertThat(output)
                .contains("The bean 'ownBackOff' of type", "The bean 'corePolicy' of type")
                .contains("whose preset is standard. Set its retry.preset to spring if it should.");
    }

    @Test
    void a_window_of_which_each_run_gets_its_own_is_used() {
        try (KimiSimulator kimi = KimiSimulator.start()) {
            contexts.withUserConfiguration(PrototypeWindow.class)
                    .withPropertyValues("kimi.base-url=" + kimi.baseUrl(), "kimi.allow-insecure=true")
                    .run(context -> {
                        KimiClient client = context.getBean(KimiClient.class);
                        List<BatchWindow> made = context.getBean(PrototypeWindow.class).asked;
                        for (int run = 0; run < 2; run++) {
                            try (var results = client.batch(List.of(ChatRequest.of("a"), ChatRequest.of("b")))) {
                                results.forEach(result -> {});
                            }
                        }
                        assertThat(made.stream().distinct()).hasSize(2);
                    });
        }
    }

    @Test
    void a_window_that_runs_would_share_stops_the_start() {
        contexts.withBean("mine", BatchWindow.class, () -> BatchWindow.fixed(3))
                .run(context -> assertThat(failure(context.getStartupFailure()))
                        .hasMessageContaining("'mine' is a BatchWindow that all bulk runs would share")
                        .hasMessageContaining("@Scope(\"prototype\")")
                        .hasMessageContaining("BatchWindowFactory"));
    }

    @Test
    void a_factory_of_windows_gets_every_setting_of_bulk_runs_whatever_the_window_that_is_set() {
        AtomicReference<ProviderSettings> last = new AtomicReference<>();
        BatchWindowFactory own = new BatchWindowFactory() {
            @Override
            public String name() {
                return "own";
            }

            @Override
            public BatchWindow create(ProviderSettings settings) {
                last.set(settings);
                return BatchWindow.fixed(3);
            }
        };
        contexts.withBean("own", BatchWindowFactory.class, () -> own)
                .withPropertyValues("kimi.batch.throughput-target=7")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(last.get().positive("throughput-target", 1.0)).isEqualTo(7.0);
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnPolicy {
        @Bean
        org.springframework.retry.RetryPolicy ownPolicy() {
            return new SimpleRetryPolicy(5);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OfSecond {
        @Bean
        @Qualifier("second") org.springframework.retry.RetryPolicy ofSecond() {
            return new SimpleRetryPolicy(5);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnBackOff {
        @Bean
        BackOffPolicy ownBackOff() {
            FixedBackOffPolicy fixed = new FixedBackOffPolicy();
            fixed.setBackOffPeriod(250);
            return fixed;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class CorePolicy {
        @Bean
        org.springframework.core.retry.RetryPolicy corePolicy() {
            return org.springframework.core.retry.RetryPolicy.builder()
                    .maxRetries(2)
                    .delay(Duration.ofMillis(100))
                    .multiplier(2)
                    .timeout(Duration.ofSeconds(5))
                    .build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class PrototypeWindow {
        final List<BatchWindow> asked = new ArrayList<>();

        @Bean
        @Scope("prototype")
        BatchWindow window() {
            return new BatchWindow() {
                @Override
                public int permits(dev.kimi.batch.WindowObservation observation) {
                    synchronized (asked) {
                        asked.add(this);
                    }
                    return 1;
                }
            };
        }
    }
}
