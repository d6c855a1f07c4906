package dev.kimi.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Message;
import dev.kimi.chat.ToolCall;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import dev.kimi.error.RateLimitException;
import dev.kimi.test.FakeKimiClient;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.service.AiServices;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The code that docs/langchain4j.md shows. */
class LangChain4jSnippetsTest {

    private final FakeKimiClient kimi = new FakeKimiClient();
    private final List<Object> shown = new ArrayList<>();

    private void show(Object value) {
        shown.add(value);
    }

    // snippet:langchain4j-assistant
    interface Assistant {
        String chat(String message);
    }

    static class Clock {
        @Tool("The time now")
        String now() {
            return "ten to eight";
        }
    }
    // end

    private Assistant assistant(KimiClient kimi) {
        // snippet:langchain4j-services
        Assistant assistant = AiServices.builder(Assistant.class)
                .chatModel(KimiChatModel.of(kimi))
                .chatMemory(MessageWindowChatMemory.withMaxMessages(20))
                .tools(new Clock())
                .build();
        // end
        return assistant;
    }

    @Test
    void an_assistant_has_tools() {
        kimi.reply(ChatResponse.builder(Message.assistant("", "Hm.", List.of(new ToolCall("a", "now", "{}"))))
                        .build())
                .reply("It is ten to eight.");

        assertThat(assistant(kimi).chat("How late is it?")).isEqualTo("It is ten to eight.");
        assertThat(kimi.requests().get(1).messages().get(1).reasoning()).isEqualTo("Hm.");
        assertThat(kimi.requests().get(1).messages().get(2).text()).isEqualTo("ten to eight");
    }

    @Test
    void parameters_of_the_services_are_set_once_and_counts_are_read() {
        kimi.reply(ChatResponse.builder(Message.assistant("hello"))
                .usage(Usage.builder().promptTokens(10).cachedTokens(8).build())
                .build());
        // snippet:langchain4j-parameters
        ChatModel model = KimiChatModel.builder(kimi)
                .defaultRequestParameters(KimiChatRequestParameters.builder()
                        .maxOutputTokens(2_000)
                        .reasoningEffort("low")
                        .cacheLifetime(Duration.ofHours(1))
                        .build())
                .build();
        // end
        var response = model.chat(UserMessage.from("hi"));
        // snippet:langchain4j-usage
        if (response.tokenUsage() instanceof KimiTokenUsage usage) {
            show(usage.cachedTokenCount() + " of " + usage.inputTokenCount() + " tokens were cached");
        }
        if (response.metadata() instanceof KimiChatResponseMetadata metadata) {
            show(metadata.response().notes());
        }
        // end
        assertThat(shown).containsExactly("8 of 10 tokens were cached", List.of());
        assertThat(kimi.requests().get(0).reasoningEffort()).isEqualTo("low");
    }

    @Test
    void a_handler_cancels_its_stream() {
        kimi.reply("one two");
        // snippet:langchain4j-stream
        StreamingChatModel model = KimiStreamingChatModel.of(kimi);
        model.chat("Why is the sky blue?", new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(PartialResponse text, PartialResponseContext context) {
                show(text.text());
                if (nobodyListens()) {
                    context.streamingHandle().cancel();
                }
            }

            @Override
            public void onCompleteResponse(dev.langchain4j.model.chat.response.ChatResponse response) {
                show(response.tokenUsage());
            }

            @Override
            public void onError(Throwable failure) {
                show(failure.getMessage());
            }
        });
        // end
        assertThat(shown).containsExactly("one ");
        assertThat(kimi.cancelledCalls()).isEqualTo(1);
    }

    private static boolean nobodyListens() {
        return true;
    }

    @Test
    void a_failure_has_the_clients_as_its_cause() {
        kimi.fail(new RateLimitException(
                "Too many requests.",
                KimiException.Details.builder()
                        .retry(Duration.ofSeconds(3), java.time.Instant.EPOCH)
                        .build(),
                RateLimitException.Limit.values()[0],
                null));
        ChatModel model = KimiChatModel.of(kimi);
        // snippet:langchain4j-failures
        try {
            model.chat("Why is the sky blue?");
        } catch (LangChain4jException e) {
            if (e.getCause() instanceof KimiException cause) {
                show(cause.retryAfter());
            }
        }
        // end
        assertThat(shown).containsExactly(Duration.ofSeconds(3));
    }
}
