package dev.kimi.springai;

import static dev.kimi.test.Reply.text;
import static dev.kimi.test.Reply.toolCall;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.springai.autoconfigure.KimiChatAutoConfiguration;
import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.junit.KimiSimulatorExtension;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.stereotype.Service;

/** What docs/spring-ai.md shows. */
@Timeout(60)
class SpringAiSnippetsTest {

    @RegisterExtension
    static final KimiSimulatorExtension EXTENSION = new KimiSimulatorExtension();

    private final KimiSimulator kimi = EXTENSION.simulator();
    private final ApplicationContextRunner context = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    ChatClientAutoConfiguration.class, KimiChatAutoConfiguration.class, KimiAutoConfiguration.class))
            .withPropertyValues(
                    "kimi.api-key=sk-test",
                    "kimi.base-url=" + kimi.baseUrl(),
                    "kimi.clients.claude.protocol=anthropic",
                    "kimi.clients.claude.base-url=" + kimi.baseUrl(),
                    "kimi.clients.claude.api-key=sk-ant-test",
                    "kimi.clients.claude.model=claude-sonnet-5-5");

    // snippet:springai-assistant
    @Service
    static class Assistant {

        private final ChatClient chat;

        Assistant(ChatClient.Builder builder) {
            this.chat = builder.defaultSystem("You answer in one sentence.").build();
        }

        String answer(String question) {
            return chat.prompt(question).tools(this).call().content();
        }

        @Tool(description = "The weather of a city")
        String weather(String city) {
            return "Rain in " + city;
        }
    }
    // end

    @Configuration
    static class Options {
        // snippet:springai-options
        @Bean
        KimiChatOptions chatOptions() {
            return KimiChatOptions.builder()
                    .maxTokens(2_000)
                    .request(request -> request.reasoningEffort("low").deadline(Duration.ofSeconds(90)))
                    .build();
        }
        // end
    }

    @Configuration
    static class Claude {
        // snippet:springai-claude
        @Bean(defaultCandidate = false)
        KimiChatModel claudeModel(@Qualifier("claude") KimiClient claude) {
            return KimiChatModel.builder(claude).build();
        }
        // end
    }

    @Test
    void an_assistant_uses_its_tools() {
        kimi.reply(toolCall("weather", "{\"city\":\"Bern\"}"), text("It rains."));

        context.withBean(Assistant.class)
                .withUserConfiguration(Options.class)
                .run(started -> assertThat(started.getBean(Assistant.class).answer("How is it in Bern?"))
                        .isEqualTo("It rains."));

        assertThat(kimi.requests().get(1).bodyText()).contains("Rain in Bern").contains("\"low\"");
        assertThat(kimi.requests()).extracting(request -> request.status()).containsOnly(200);
    }

    record Models(
            KimiChatModel kimi, @Qualifier("claudeModel") KimiChatModel claude) {}

    @Test
    void a_second_model_stands_beside_the_first() {
        kimi.reply(text("One."), text("Two."));

        context.withUserConfiguration(Claude.class).withBean(Models.class).run(started -> {
            Models models = started.getBean(Models.class);
            assertThat(models.kimi().call("?")).isEqualTo("One.");
            assertThat(models.claude().call("?")).isEqualTo("Two.");
        });

        assertThat(kimi.requests())
                .extracting(request -> request.path())
                .containsExactly("/v1/chat/completions", "/v1/messages");
    }

    record City(String name, int inhabitants) {}

    @Test
    void a_record_is_held_to_its_schema_by_the_service() {
        kimi.reply(text("{\"name\":\"Bern\",\"inhabitants\":134000}"));

        context.run(started -> {
            ChatClient chat = started.getBean(ChatClient.Builder.class).build();
            // snippet:springai-record
            City city = chat.prompt("The capital of Switzerland?")
                    .call()
                    .entity(City.class, ChatClient.EntityParamSpec::useProviderStructuredOutput);
            // end
            assertThat(city.name()).isEqualTo("Bern");
        });

        assertThat(kimi.requests().get(0).bodyText()).contains("json_schema");
    }

    @Test
    void what_spring_ai_has_no_place_for_is_in_the_metadata() {
        kimi.reply(text("Blue.").usage(100, 20, 64));

        context.run(started -> {
            KimiChatModel model = started.getBean(KimiChatModel.class);
            // snippet:springai-metadata
            ChatResponse response = model.call(new Prompt("Why is the sky blue?"));

            Object reasoning = response.getResult().getOutput().getMetadata().get(KimiChatModel.REASONING);
            long cached = response.getMetadata().getUsage().getCacheReadInputTokens();
            long left = response.getMetadata().getRateLimit().getRequestsRemaining();
            Object requestId = response.getMetadata().get("request-id");
            // end
            assertThat(cached).isEqualTo(64);
            assertThat(left).isZero();
            assertThat(reasoning).isNull();
            assertThat(requestId).isNotNull();
        });
    }
}
