package dev.kimi.test.autoconfigure.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.starter.feign.KimiApi;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.autoconfigure.KimiTest;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.test.autoconfigure.OverrideAutoConfiguration;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.FilterType;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.stereotype.Repository;
import org.springframework.util.ClassUtils;

/** What is in the context of a slice, and what is not. */
@Timeout(60)
class SliceTest {

    @Nested
    @KimiTest
    class ByDefault {

        @Autowired
        ApplicationContext context;

        @Test
        void has_what_has_a_client_and_what_decides() {
            assertThat(context.getBeansOfType(Assistant.class)).hasSize(1);
            assertThat(context.getBeansOfType(Costs.class)).hasSize(1);
            assertThat(context.getBeansOfType(ModelChoice.class)).hasSize(1);
        }

        @Test
        void has_nothing_else_of_the_application() {
            assertThat(context.getBeansOfType(Archive.class)).isEmpty();
            assertThat(context.getBeansOfType(ArchivingAssistant.class)).isEmpty();
        }

        @Test
        void has_the_auto_configurations_of_kimi_and_what_they_stand_on() {
            Set<String> found = Arrays.stream(context.getBeanDefinitionNames())
                    .map(context::getType)
                    .map(ClassUtils::getUserClass)
                    .filter(type -> AnnotatedElementUtils.hasAnnotation(type, AutoConfiguration.class))
                    .map(Class::getSimpleName)
                    .collect(Collectors.toSet());

            assertThat(found)
                    .contains(
                            "KimiAutoConfiguration",
                            "KimiFeignAutoConfiguration",
                            "KimiTestAutoConfiguration",
                            "KimiChatAutoConfiguration")
                    .allMatch(name -> name.startsWith("Kimi")
                            || Set.of(
                                            "ConfigurationPropertiesAutoConfiguration",
                                            "PropertyPlaceholderAutoConfiguration",
                                            "TaskExecutionAutoConfiguration",
                                            "HttpMessageConvertersAutoConfiguration",
                                            "ChatClientAutoConfiguration",
                                            "ChatMemoryAutoConfiguration",
                                            "ToolCallingAutoConfiguration",
                                            "FeignAutoConfiguration")
                                    .contains(name));
        }

        @Test
        void what_decides_takes_effect(@Autowired KimiClient client) {
            assertThat(client.model()).isEqualTo("kimi-k2.6");
        }

        @Test
        void feign_talks_to_the_simulator(@Autowired Costs costs, @Autowired KimiSimulator kimi) {
            assertThat(costs.left()).isPositive();
            assertThat(kimi.requests()).hasSize(1);
        }
    }

    @Nested
    @KimiTest(ArchivingAssistant.class)
    class WithNamedComponents {

        @Test
        void has_those_instead_of_the_others(@Autowired ApplicationContext context) {
            assertThat(context.getBeansOfType(ArchivingAssistant.class)).hasSize(1);
            assertThat(context.getBeansOfType(Costs.class)).isEmpty();
            assertThat(context.getBeansOfType(ModelChoice.class)).hasSize(1);
        }

        @TestConfiguration
        static class Needed {

            @Bean
            Archive archive() {
                return new Archive();
            }

            @Bean
            Assistant assistant(KimiClient client) {
                return new Assistant(client);
            }
        }
    }

    @Nested
    @KimiTest(
            includeFilters = @ComponentScan.Filter(Repository.class),
            excludeFilters = @ComponentScan.Filter(type = FilterType.ASSIGNABLE_TYPE, classes = Costs.class))
    class WithFilters {

        @Test
        void has_what_they_say(@Autowired ApplicationContext context) {
            assertThat(context.getBeansOfType(Assistant.class)).hasSize(1);
            assertThat(context.getBeansOfType(Archive.class)).hasSize(1);
            assertThat(context.getBeansOfType(Costs.class)).isEmpty();
        }
    }

    @Nested
    @KimiTest(excludeAutoConfiguration = dev.kimi.starter.feign.autoconfigure.KimiFeignAutoConfiguration.class)
    class WithoutFeign {

        @Test
        void has_no_api(@Autowired ApplicationContext context) {
            assertThat(context.getBeansOfType(KimiClient.class)).hasSize(1);
            assertThat(context.getBeansOfType(KimiApi.class)).isEmpty();
        }
    }

    @Nested
    @KimiTest(properties = {"kimi.clients.second.model=kimi-k3", "kimi.clients.second.base-url=https://second.example"})
    class WithTwoClients {

        @Autowired
        KimiSimulator kimi;

        @Test
        void connects_both(@Autowired KimiClient first, @Autowired @Qualifier("second") KimiClient second) {
            first.chat("One");
            second.chat(ChatRequest.of("Two"));

            assertThat(first.name()).isEqualTo("default");
            assertThat(second.name()).isEqualTo("second");
            assertThat(kimi.requests()).hasSize(2);
        }
    }

    @Nested
    @KimiTest(properties = "kimi.enabled=false")
    class WhereKimiIsSwitchedOff {

        @Test
        void there_are_clients_all_the_same(@Autowired Assistant assistant) {
            assertThat(assistant.about("the sky")).isNotEmpty();
        }
    }

    @Test
    void the_slice_is_no_auto_configured_application() {
        assertThat(AnnotatedElementUtils.findMergedAnnotation(ByDefault.class, OverrideAutoConfiguration.class)
                        .enabled())
                .isFalse();
    }
}
