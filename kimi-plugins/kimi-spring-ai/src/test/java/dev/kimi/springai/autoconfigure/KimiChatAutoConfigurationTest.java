package dev.kimi.springai.autoconfigure;

import static dev.kimi.test.Reply.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.error.ConfigurationException;
import dev.kimi.springai.KimiChatModel;
import dev.kimi.springai.KimiChatOptions;
import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.junit.KimiSimulatorExtension;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.model.SpringAIModelProperties;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class KimiChatAutoConfigurationTest {

    @RegisterExtension
    static final KimiSimulatorExtension EXTENSION = new KimiSimulatorExtension();

    private final KimiSimulator kimi = EXTENSION.simulator();
    private final ApplicationContextRunner context = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    ChatClientAutoConfiguration.class, KimiChatAutoConfiguration.class, KimiAutoConfiguration.class))
            .withPropertyValues("kimi.api-key=sk-test", "kimi.base-url=" + kimi.baseUrl());

    private final ApplicationContextRunner withClaude = context.withPropertyValues(
            "kimi.clients.my-claude.protocol=anthropic",
            "kimi.clients.my-claude.base-url=" + kimi.baseUrl(),
            "kimi.clients.my-claude.api-key=sk-ant-test",
            "kimi.clients.my-claude.model=claude-sonnet-5-5");

    @Test
    void a_chat_client_of_spring_ai_calls_kimi() {
        kimi.reply(text("Blue."));

        context.withPropertyValues("spring.ai.model.chat=kimi")
                .run(started -> assertThat(started.getBean(ChatClient.Builder.class)
                                .build()
                                .prompt("Why?")
                                .call()
                                .content())
                        .isEqualTo("Blue."));

        assertThat(kimi.requests().get(0).path()).isEqualTo("/v1/chat/completions");
    }

    @ParameterizedTest
    @ValueSource(strings = {"my-claude", "myClaude", "MYCLAUDE"})
    void a_client_is_chosen_by_name(String name) {
        kimi.reply(text("Blue."));

        withClaude
                .withPropertyValues("spring.ai.kimi.client=" + name)
                .run(started -> assertThat(started.getBean(ChatModel.class).call("Why?"))
                        .isEqualTo("Blue."));

        assertThat(kimi.requests().get(0).path()).isEqualTo("/v1/messages");
    }

    @Test
    void without_a_name_it_is_the_default_client() {
        kimi.reply(text("Blue."), text("Blue."));

        withClaude.run(started -> started.getBean(ChatModel.class).call("Why?"));
        withClaude
                .withPropertyValues("spring.ai.kimi.client=default")
                .run(started -> started.getBean(ChatModel.class).call("Why?"));

        assertThat(kimi.requests()).extracting(request -> request.path()).containsOnly("/v1/chat/completions");
    }

    @Test
    void a_name_that_no_client_has_stops_the_start() {
        withClaude
                .withPropertyValues("spring.ai.kimi.client=claud")
                .run(started -> assertThat(started)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(ConfigurationException.class)
                        .hasMessage("There is no client named 'claud'. Use one of default, my-claude, or add it below"
                                + " kimi.clients."));
    }

    @Test
    void several_clients_of_which_none_is_primary_want_a_name() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(KimiChatAutoConfiguration.class, KimiAutoConfiguration.class))
                .withPropertyValues("kimi.clients.a.api-key=sk-a", "kimi.clients.b.api-key=sk-b")
                .run(started -> assertThat(started)
                        .getFailure()
                        .rootCause()
                        .hasMessage("There are several clients and none is primary: a, b. Set spring.ai.kimi.client"
                                + " to the name of one of them."));
    }

    @Test
    void options_are_a_bean() {
        kimi.reply(text("Blue."));

        context.withBean(
                        KimiChatOptions.class,
                        () -> KimiChatOptions.builder().maxTokens(77).build())
                .run(started -> started.getBean(ChatModel.class).call("Why?"));

        assertThat(kimi.requests().get(0).body()).containsEntry("max_completion_tokens", 77);
    }

    @Test
    void a_model_of_the_applications_own_wins() {
        context.withBean("own", KimiChatModel.class, () -> null)
                .run(started -> assertThat(started.getBeanNamesForType(KimiChatModel.class))
                        .containsExactly("own"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"spring.ai.model.chat=openai", "spring.ai.model.chat=none", "kimi.enabled=false"})
    void where_another_model_is_wanted_or_there_is_no_client_there_is_nothing(String setting) {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(KimiChatAutoConfiguration.class, KimiAutoConfiguration.class))
                .withPropertyValues("kimi.api-key=sk-test", setting)
                .run(started -> assertThat(started).hasNotFailed().doesNotHaveBean(ChatModel.class));
    }

    /** Of another service, as Spring AI's starters bring them: there unless the setting names another one. */
    @AutoConfiguration(
            beforeName = "org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration")
    @ConditionalOnProperty(name = SpringAIModelProperties.CHAT_MODEL, havingValue = "other", matchIfMissing = true)
    static class OtherModelAutoConfiguration {
        @Bean
        ChatModel otherModel() {
            return prompt -> new ChatResponse(List.of(new Generation(new AssistantMessage("Another's."))));
        }
    }

    @ParameterizedTest
    @CsvSource({"kimi, Blue.", "other, Another's."})
    void of_several_models_the_setting_chooses_one(String model, String content) {
        kimi.reply(text("Blue."));

        context.withConfiguration(AutoConfigurations.of(OtherModelAutoConfiguration.class))
                .withPropertyValues("spring.ai.model.chat=" + model)
                .run(started -> {
                    assertThat(started).hasSingleBean(ChatModel.class);
                    assertThat(started.getBean(ChatClient.Builder.class)
                                    .build()
                                    .prompt("Why?")
                                    .call()
                                    .content())
                            .isEqualTo(content);
                });
    }

    @Test
    void without_the_setting_several_models_stand_side_by_side() {
        context.withConfiguration(AutoConfigurations.of(OtherModelAutoConfiguration.class))
                .run(started -> assertThat(started.getBeansOfType(ChatModel.class))
                        .containsOnlyKeys("otherModel", "kimiChatModel"));
    }

    @Test
    void a_model_of_another_type_of_the_applications_own_changes_nothing() {
        context.withBean("own", ChatModel.class, () -> prompt -> new ChatResponse(List.of()))
                .run(started -> assertThat(started).hasSingleBean(KimiChatModel.class));
    }

    @Test
    void without_spring_ai_on_the_class_path_there_is_nothing() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(KimiChatAutoConfiguration.class, KimiAutoConfiguration.class))
                .withPropertyValues("kimi.api-key=sk-test")
                .withClassLoader(new FilteredClassLoader("org.springframework.ai"))
                .run(started -> assertThat(started)
                        .hasNotFailed()
                        .hasSingleBean(KimiClient.class)
                        .doesNotHaveBean("kimiChatModel"));
    }

    @Test
    void without_the_starter_it_is_over_the_applications_own_client() {
        kimi.reply(text("Blue."));

        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(KimiChatAutoConfiguration.class))
                .withBean(
                        KimiClient.class,
                        () -> EXTENSION.track(KimiClient.builder()
                                .baseUrl(kimi.baseUrl())
                                .apiKey("sk-test")
                                .build()))
                .run(started -> assertThat(started.getBean(ChatModel.class).call("Why?"))
                        .isEqualTo("Blue."));
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void an_application_with_a_wrong_name_ends_with_two_sentences(CapturedOutput output) {
        SpringApplication application = new SpringApplication(Application.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setDefaultProperties(
                Map.of("kimi.api-key", "sk-test", "spring.ai.kimi.client", "claude", "spring.ai.model.chat", "kimi"));

        assertThatThrownBy(application::run).hasRootCauseInstanceOf(ConfigurationException.class);

        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START")
                .containsPattern("spring\\.ai\\.kimi\\.client .*: There is no client named 'claude'\\.")
                .contains("Use one of default, or add it below kimi.clients.")
                .doesNotContain("\tat dev.kimi", "sk-test");
    }

    /** Where editors look for it: a module without classes of properties has nobody who would write it there. */
    @Test
    void editors_find_every_setting() throws IOException {
        List<String> names = new ArrayList<>();
        for (URL found : Collections.list(
                getClass().getClassLoader().getResources("META-INF/spring-configuration-metadata.json"))) {
            try (InputStream in = found.openStream()) {
                new JsonMapper()
                        .readTree(in)
                        .path("properties")
                        .forEach(property -> names.add(property.path("name").asString()));
            }
        }

        assertThat(names).contains("spring.ai.kimi.client", "spring.ai.model.chat");
    }
}
