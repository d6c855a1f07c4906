package dev.kimi.springai.autoconfigure;

import static dev.kimi.test.Reply.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.error.ConfigurationException;
import dev.kimi.springai.KimiChatModel;
import dev.kimi.springai.KimiChatOptions;
import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.junit.KimiSimulatorExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

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
}
