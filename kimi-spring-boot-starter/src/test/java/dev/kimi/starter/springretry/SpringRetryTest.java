package dev.kimi.starter.springretry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.error.ConfigurationException;
import dev.kimi.error.KimiException;
import dev.kimi.error.KimiException.Details;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.ServerException;
import dev.kimi.retry.FailedAttempt;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.starter.springretry.autoconfigure.KimiSpringRetryAutoConfiguration;
import dev.kimi.starter.springretry.internal.CoreRetry;
import dev.kimi.time.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.retry.backoff.BackOffPolicy;
import org.springframework.retry.backoff.ExponentialRandomBackOffPolicy;
import org.springframework.retry.backoff.FixedBackOffPolicy;
import org.springframework.retry.backoff.NoBackOffPolicy;
import org.springframework.retry.policy.AlwaysRetryPolicy;
import org.springframework.retry.policy.CircuitBreakerRetryPolicy;
import org.springframework.retry.policy.SimpleRetryPolicy;
import org.springframework.retry.support.RetryTemplate;

class SpringRetryTest {

    private static final RandomGenerator CHANCE = () -> 0L;
    private static final KimiException SERVER = new ServerException("500", Details.NONE, null);

    private final ApplicationContextRunner contexts = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(KimiSpringRetryAutoConfiguration.class));

    private static ProviderSettings settings(String... pairs) {
        ProviderSettings.Builder builder = ProviderSettings.builder("kimi.retry", new VirtualTime());
        for (int i = 0; i < pairs.length; i += 2) {
            builder.set(pairs[i], pairs[i + 1]);
        }
        return builder.build();
    }

    private static @Nullable Duration delay(RetryPolicy policy, KimiException failure, int attempt) {
        return policy.decide(new FailedAttempt(failure, attempt, Duration.ofMinutes(10), CHANCE))
                .delay();
    }

    private static KimiException limited(Duration hint) {
        return new RateLimitException(
                "429", Details.builder().retry(hint, null).build(), RateLimitException.Limit.UNKNOWN, null);
    }

    @Test
    void waits_double_from_the_least_to_the_most_and_attempts_are_counted() {
        RetryPolicy policy = new SpringRetryPolicyFactory()
                .create(settings("max-attempts", "6", "min-delay", "100ms", "max-delay", "400ms"));
        // the random back-off of Spring Retry multiplies by 1 to the multiplier
        assertThat(delay(policy, SERVER, 1)).isBetween(Duration.ofMillis(100), Duration.ofMillis(200));
        assertThat(delay(policy, SERVER, 2)).isBetween(Duration.ofMillis(200), Duration.ofMillis(400));
        assertThat(delay(policy, SERVER, 5)).isBetween(Duration.ofMillis(400), Duration.ofMillis(800));
        assertThat(delay(policy, SERVER, 6)).isNull();
    }

    @Test
    void a_hint_is_a_lower_bound_and_has_a_ceiling() {
        RetryPolicy policy = new SpringRetryPolicyFactory().create(settings("min-delay", "1s"));
        assertThat(delay(policy, limited(Duration.ofSeconds(30)), 1)).isEqualTo(Duration.ofSeconds(30));
        assertThat(delay(policy, limited(Duration.ofSeconds(61)), 1)).isNull();
    }

    @Test
    void with_a_policy_of_spring_framework_too_and_what_cannot_pass_is_not_tried_again() {
        RetryPolicy policy = CoreRetry.of(
                settings("retry-after-ceiling", "40s"),
                org.springframework.core.retry.RetryPolicy.builder()
                        .maxRetries(5)
                        .delay(Duration.ofSeconds(1))
                        .build());
        assertThat(delay(policy, limited(Duration.ofSeconds(30)), 1)).isEqualTo(Duration.ofSeconds(30));
        assertThat(delay(policy, limited(Duration.ofMillis(10)), 1)).isEqualTo(Duration.ofSeconds(1));
        assertThat(delay(policy, limited(Duration.ofSeconds(41)), 1)).isNull();
        assertThat(delay(policy, new QuotaExceededException("no money", Details.NONE, null), 1))
                .isNull();
    }

    @Test
    void what_cannot_pass_is_not_tried_again_whatever_the_policy_says() {
        SpringRetryRules rules = new SpringRetryRules(settings());
        RetryPolicy policy =
                new EvaluatedSpringRetry(new AlwaysRetryPolicy(), new FixedBackOffPolicy(), rules::canPass);
        assertThat(delay(policy, new QuotaExceededException("no money", Details.NONE, null), 1))
                .isNull();
        assertThat(delay(policy, SERVER, 50)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void a_circuit_breaker_decides_within_a_call_and_blocks_nobody() {
        SpringRetryRules rules = new SpringRetryRules(settings());
        CircuitBreakerRetryPolicy breaker = new CircuitBreakerRetryPolicy(new SimpleRetryPolicy(3));
        RetryPolicy policy = new EvaluatedSpringRetry(breaker, new NoBackOffPolicy(), rules::canPass);

        for (int call = 0; call < 2; call++) {
            assertThat(delay(policy, SERVER, 1)).isEqualTo(Duration.ZERO);
            assertThat(delay(policy, SERVER, 2)).isEqualTo(Duration.ZERO);
            assertThat(delay(policy, SERVER, 3)).isNull();
        }
    }

    @Test
    void whoever_decides_is_never_put_to_sleep() {
        SpringRetryRules rules = new SpringRetryRules(settings());
        ExponentialRandomBackOffPolicy days = new ExponentialRandomBackOffPolicy();
        days.setInitialInterval(Duration.ofDays(1).toMillis());
        days.setMaxInterval(Duration.ofDays(30).toMillis());
        days.setSleeper(period -> {
            throw new AssertionError("slept");
        });
        RetryPolicy policy = new EvaluatedSpringRetry(new AlwaysRetryPolicy(), days, rules::canPass);

        assertThat(policy.decide(new FailedAttempt(SERVER, 3, Duration.ofDays(90), CHANCE))
                        .delay())
                .isBetween(Duration.ofDays(2), Duration.ofDays(30));
    }

    @Test
    void a_back_off_that_sleeps_on_its_own_is_rejected() {
        BackOffPolicy sleeper = new BackOffPolicy() {
            @Override
            public org.springframework.retry.backoff.@Nullable BackOffContext start(
                    org.springframework.retry.RetryContext context) {
                return null;
            }

            @Override
            public void backOff(org.springframework.retry.backoff.@Nullable BackOffContext context) {}
        };
        assertThatThrownBy(() -> new EvaluatedSpringRetry(new AlwaysRetryPolicy(), sleeper, failure -> true))
                .isInstanceOf(ConfigurationException.class);
    }

    @Test
    void the_template_is_found_by_its_name_only() {
        contexts.withUserConfiguration(WantsAnyTemplate.class).run(context -> {
            assertThat(context).hasBean("kimiRetryTemplate");
            assertThat(context.getBean(WantsAnyTemplate.class).injected).isNull();
        });
    }

    @Test
    void the_template_keeps_the_rules_and_waits_as_long_as_the_service_asks() {
        SpringRetryRules rules = new SpringRetryRules(settings("min-delay", "100ms"));
        List<Long> slept = new ArrayList<>();
        RetryTemplate template = new RetryTemplate();
        template.setRetryPolicy(rules.retryPolicyOfCallers());
        template.setBackOffPolicy(new HintedBackOffPolicy(rules.backOff(), slept::add));
        List<KimiException> failures = new ArrayList<>(List.of(limited(Duration.ofSeconds(7)), SERVER));

        String result = template.execute(context -> {
            if (failures.isEmpty()) {
                return "result";
            }
            throw failures.remove(0);
        });

        assertThat(result).isEqualTo("result");
        assertThat(slept).hasSize(2);
        assertThat(slept.get(0)).isEqualTo(7000);
        assertThat(slept.get(1)).isBetween(200L, 400L);
        assertThatThrownBy(() -> template.execute(context -> {
                    throw new QuotaExceededException("no money", Details.NONE, null);
                }))
                .isInstanceOf(QuotaExceededException.class);
        assertThat(slept).hasSize(2);
    }

    @Test
    void a_template_of_the_application_with_that_name_wins() {
        contexts.withBean("kimiRetryTemplate", RetryTemplate.class, RetryTemplate::new)
                .run(context -> assertThat(context).hasSingleBean(RetryTemplate.class));
    }

    @Test
    void without_spring_retry_on_the_class_path_there_is_no_template() {
        contexts.withClassLoader(new FilteredClassLoader(RetryTemplate.class))
                .run(context -> assertThat(context).doesNotHaveBean("kimiRetryTemplate"));
    }

    @Configuration(proxyBeanMethods = false)
    static class WantsAnyTemplate {
        private final @Nullable RetryTemplate injected;

        WantsAnyTemplate(ObjectProvider<RetryTemplate> templates) {
            this.injected = templates.getIfAvailable();
        }
    }
}
