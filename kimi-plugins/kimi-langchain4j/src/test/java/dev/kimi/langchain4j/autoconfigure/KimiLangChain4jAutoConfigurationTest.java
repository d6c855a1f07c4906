package dev.kimi.langchain4j.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.langchain4j.KimiChatModel;
import dev.kimi.langchain4j.KimiChatRequestParameters;
import dev.kimi.langchain4j.KimiStreamingChatModel;
import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import dev.kimi.test.FakeKimiClient;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.service.AiServices;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

class KimiLangChain4jAutoConfigurationTest {

    private final FakeKimiClient client = new FakeKimiClient().reply("Blue.");
    private final ApplicationContextRunner context = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    KimiLangChain4jAutoConfiguration.class, OtherStarter.class, KimiAutoConfiguration.class))
            .withBean(KimiClient.class, () -> client);

    interface Assistant {
        String chat(String message);
    }

    /** One line more makes a service a bean. */
    @Configuration(proxyBeanMethods = false)
    static class Services {
        @Bean
        Assistant assistant(ChatModel model) {
            return AiServices.create(Assistant.class, model);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Claude {
        @Bean(defaultCandidate = false)
        KimiClient claude() {
            return new FakeKimiClient();
        }

        // snippet:langchain4j-claude
        @Bean(defaultCandidate = false)
        KimiChatModel claudeModel(@Qualifier("claude") KimiClient claude) {
            return KimiChatModel.of(claude);
        }
        // end
    }

    /** Of another service, as LangChain4j's starters bring them: there once it has its key. */
    @AutoConfiguration
    static class OtherStarter {
        @Bean
        @ConditionalOnProperty("langchain4j.other.chat-model.api-key")
        ChatModel otherModel() {
            return new ChatModel() {};
        }
    }

    @Test
    void an_ai_service_gets_the_clients_model_and_a_model_that_streams_is_there_too() {
        context.withUserConfiguration(Services.class).run(started -> {
            assertThat(started.getBean(Assistant.class).chat("Why?")).isEqualTo("Blue.");
            assertThat(started).hasSingleBean(ChatModel.class).hasSingleBean(StreamingChatModel.class);
        });
    }

    @Test
    void parameters_and_listeners_are_beans() {
        List<String> listened = new ArrayList<>();
        ChatModelListener listener = new ChatModelListener() {
            @Override
            public void onRequest(ChatModelRequestContext request) {
                listened.add(request.chatRequest().messages().toString());
            }
        };
        context.withBean(
                        KimiChatRequestParameters.class,
                        () -> KimiChatRequestParameters.builder()
                                .reasoningEffort("low")
                                .build())
                .withBean(ChatModelListener.class, () -> listener)
                .run(started -> {
                    started.getBean(ChatModel.class).chat("Why?");

                    assertThat(client.requests().get(0).reasoningEffort()).isEqualTo("low");
                    assertThat(listened).hasSize(1);
                    assertThat(started.getBean(StreamingChatModel.class).listeners())
                            .containsExactly(listener);
                    assertThat(started.getBean(StreamingChatModel.class).defaultRequestParameters())
                            .isInstanceOf(KimiChatRequestParameters.class);
                });
    }

    @Test
    void a_model_of_the_application_or_of_another_starter_stays_the_only_one() {
        ChatModel own = new ChatModel() {};
        context.withBean(ChatModel.class, () -> own).run(started -> {
            assertThat(started.getBean(ChatModel.class)).isSameAs(own);
            assertThat(started).hasSingleBean(KimiStreamingChatModel.class);
        });
        context.withPropertyValues("langchain4j.other.chat-model.api-key=sk-other")
                .run(started ->
                        assertThat(started).doesNotHaveBean(KimiChatModel.class).hasSingleBean(ChatModel.class));
    }

    @Test
    void a_model_of_another_client_stands_beside_it() {
        context.withUserConfiguration(Claude.class).run(started -> {
            assertThat(started).hasBean("claudeModel").hasBean("kimiLangChain4jChatModel");
            assertThat(started.getBeanProvider(ChatModel.class).getObject())
                    .isSameAs(started.getBean("kimiLangChain4jChatModel"));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"langchain4j.kimi.enabled=false", "kimi.enabled=false"})
    void a_property_switches_it_off(String property) {
        context.withPropertyValues(property)
                .run(started -> assertThat(started)
                        .hasNotFailed()
                        .doesNotHaveBean(ChatModel.class)
                        .doesNotHaveBean(StreamingChatModel.class));
    }

    @Test
    void without_a_client_that_is_injected_without_a_name_there_is_no_model() {
        context.withBean("other", KimiClient.class, FakeKimiClient::new)
                .run(started -> assertThat(started).hasNotFailed().doesNotHaveBean(ChatModel.class));
    }

    @Test
    void without_langchain4j_there_is_nothing() {
        context.withClassLoader(new FilteredClassLoader("dev.langchain4j"))
                .run(started -> assertThat(started).hasNotFailed().doesNotHaveBean("kimiLangChain4jChatModel"));
    }
}
