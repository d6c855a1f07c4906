package dev.kimi.starter.springretry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import dev.kimi.starter.springretry.autoconfigure.KimiSpringRetryAutoConfiguration;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.retry.RetryContext;
import org.springframework.retry.RetryPolicy;
import org.springframework.retry.policy.NeverRetryPolicy;
import org.springframework.retry.support.RetryTemplate;

/** Whoever tries again around a client, and whoever decides within it: the attempts that the service sees. */
@Timeout(60)
class RetriesAreNotMultipliedTest {

    private final KimiSimulator kimi = KimiSimulator.start().otherwise(Reply.status(500, "{}"));
    private final ApplicationContextRunner contexts = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(KimiSpringRetryAutoConfiguration.class, KimiAutoConfiguration.class))
            .withPropertyValues(
                    "kimi.api-key=sk-test",
                    "kimi.base-url=" + kimi.baseUrl(),
                    "kimi.retry.preset=classic",
                    "kimi.retry.min-delay=1ms",
                    "kimi.retry.max-delay=1ms");

    @AfterEach
    void stop() {
        kimi.awaitDisconnected(Duration.ofSeconds(20));
        kimi.close();
    }

    @Test
    void our_template_does_not_try_again_what_the_engine_has_tried() {
        contexts.run(context -> {
            RetryTemplate template = context.getBean("kimiRetryTemplate", RetryTemplate.class);
            KimiClient client = context.getBean(KimiClient.class);

            assertThatThrownBy(() -> template.execute(attempt -> client.chat("Why?")))
                    .isInstanceOfSatisfying(
                            ServerException.class,
                            failure -> assertThat(failure.attempts()).isEqualTo(3));
            assertThat(kimi.requests()).hasSize(3);
        });
    }

    @Test
    void our_template_tries_again_what_an_engine_that_never_does_has_tried_once() {
        contexts.withPropertyValues("kimi.clients.once.api-key=sk-test", "kimi.clients.once.retry.preset=never")
                .run(context -> {
                    RetryTemplate template = context.getBean("kimiRetryTemplate", RetryTemplate.class);
                    KimiClient once = context.getBean("onceKimiClient", KimiClient.class);

                    assertThatThrownBy(() -> template.execute(attempt -> once.chat("Why?")))
                            .isInstanceOf(ServerException.class);
                    assertThat(kimi.requests()).hasSize(3);
                });
    }

    @Test
    void around_another_template_the_budget_of_the_engine_holds() {
        contexts.run(context -> {
            KimiClient client = context.getBean(KimiClient.class);
            RetryTemplate theirs =
                    RetryTemplate.builder().maxAttempts(3).noBackoff().build();

            for (int call = 0; call < 40; call++) {
                assertThatThrownBy(() -> theirs.execute(attempt -> client.chat("Why?")))
                        .isInstanceOf(KimiException.class);
            }

            // 40 times 3 of the template; of the engine ten retries saved up, 5 % and what a second more brings
            assertThat(kimi.requests()).hasSizeBetween(120, 145);
        });
    }

    @Test
    void a_policy_that_throws_means_no_retry() {
        AtomicInteger asked = new AtomicInteger();
        RetryPolicy broken = new NeverRetryPolicy() {
            private static final long serialVersionUID = 1L;

            @Override
            public boolean canRetry(RetryContext context) {
                asked.incrementAndGet();
                throw new IllegalStateException("a bug of the application");
            }
        };
        contexts.withBean(RetryPolicy.class, () -> broken)
                .withPropertyValues("kimi.retry.preset=spring")
                .run(context -> {
                    assertThatThrownBy(() -> context.getBean(KimiClient.class).chat("Why?"))
                            .isInstanceOf(ServerException.class)
                            .hasMessageNotContaining("bug");
                    assertThat(asked).hasValue(1);
                    assertThat(kimi.requests()).hasSize(1);
                });
    }
}
