package dev.kimi.starter.feign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import dev.kimi.KimiClient;
import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import dev.kimi.starter.feign.autoconfigure.KimiFeignAutoConfiguration;
import dev.kimi.test.KimiSimulator;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.openfeign.FeignAutoConfiguration;
import org.springframework.cloud.openfeign.FeignClientBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A {@link KimiApi} per client. */
@Timeout(60)
class NamedApisTest {

    private KimiSimulator kimi;
    private ApplicationContextRunner contexts;

    @BeforeEach
    void start() {
        kimi = KimiSimulator.builder().keys("sk-test", "sk-second", "sk-third").start();
        contexts = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        KimiAutoConfiguration.class, FeignAutoConfiguration.class, KimiFeignAutoConfiguration.class))
                .withPropertyValues(
                        "kimi.base-url=" + kimi.baseUrl(),
                        "kimi.clients.my-second.api-key=sk-second",
                        "kimi.clients.third.api-key=sk-third");
    }

    @AfterEach
    void stop() {
        kimi.awaitDisconnected(Duration.ofSeconds(20));
        kimi.close();
    }

    @Test
    void each_runs_over_its_own_client() {
        contexts.withPropertyValues("kimi.api-key=sk-test")
                .withUserConfiguration(Injected.class)
                .run(context -> {
                    Apis apis = context.getBean(Apis.class);

                    apis.byDefault.models();
                    apis.second.models();
                    apis.third.models();

                    assertThat(kimi.requests())
                            .extracting(
                                    request -> request.headers("authorization").get(0))
                            .containsExactly("Bearer sk-test", "Bearer sk-second", "Bearer sk-third");
                    assertThat(apis.all).containsOnlyKeys("kimiApi", "my-secondKimiApi", "thirdKimiApi");
                });
    }

    @Test
    void without_a_default_client_there_are_only_the_others() {
        contexts.run(context -> {
            assertThat(context).hasNotFailed().doesNotHaveBean("kimiApi").hasBean("thirdKimiApi");
            context.getBean("thirdKimiApi", KimiApi.class).models();
            assertThat(kimi.requests().get(0).headers("authorization")).containsExactly("Bearer sk-third");
        });
    }

    @Test
    void a_bean_of_the_application_replaces_the_one_of_its_name_and_leaves_the_others() {
        contexts.withPropertyValues("kimi.api-key=sk-test")
                .withBean("thirdKimiApi", KimiApi.class, () -> mock(KimiApi.class))
                .run(context -> {
                    assertThat(context.getBean("thirdKimiApi", KimiApi.class).models())
                            .isNull();
                    context.getBean("my-secondKimiApi", KimiApi.class).models();
                    assertThat(kimi.requests()).hasSize(1);
                });
    }

    @Test
    void a_client_of_the_application_s_own_has_one_by_the_name_of_its_bean() {
        contexts.withPropertyValues("kimi.api-key=sk-test")
                .withBean(
                        "own",
                        KimiClient.class,
                        () -> KimiClient.builder()
                                .apiKey("sk-test")
                                .baseUrl(kimi.baseUrl())
                                .build())
                .run(context -> {
                    assertThat(context).hasBean("ownKimiApi").hasBean("thirdKimiApi");
                    context.getBean("ownKimiApi", KimiApi.class).models();
                    assertThat(kimi.requests().get(0).headers("authorization")).containsExactly("Bearer sk-test");
                });
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        KimiAutoConfiguration.class, FeignAutoConfiguration.class, KimiFeignAutoConfiguration.class))
                .withBean(
                        "only",
                        KimiClient.class,
                        () -> KimiClient.builder().apiKey("sk-test").build())
                .run(context -> assertThat(context).hasSingleBean(KimiApi.class).hasBean("kimiApi"));
    }

    @Test
    void without_feign_there_are_none() {
        contexts.withClassLoader(new FilteredClassLoader(FeignClientBuilder.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("thirdKimiApi"));
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(KimiAutoConfiguration.class, KimiFeignAutoConfiguration.class))
                .withPropertyValues("kimi.clients.third.api-key=sk-third")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("thirdKimiApi"));
    }

    record Apis(KimiApi byDefault, KimiApi second, KimiApi third, Map<String, KimiApi> all) {}

    @Configuration(proxyBeanMethods = false)
    static class Injected {
        @Bean
        Apis apis(
                KimiApi api,
                @Qualifier("my-second") KimiApi second,
                @Qualifier("third") KimiApi third,
                Map<String, KimiApi> all) {
            return new Apis(api, second, third, all);
        }
    }
}
