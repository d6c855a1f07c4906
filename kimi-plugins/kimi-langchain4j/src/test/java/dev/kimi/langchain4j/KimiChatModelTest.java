package dev.kimi.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.KimiException.Details;
import dev.kimi.error.ServerException;
import dev.kimi.service.ModelCard;
import dev.kimi.test.FakeKimiClient;
import dev.langchain4j.data.message.AudioContent;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.PdfFileContent;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.message.VideoContent;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KimiChatModelTest {

    private final FakeKimiClient client = new FakeKimiClient();

    private static final class Notified implements ChatModelListener {
        private final List<String> events = new ArrayList<>();

        @Override
        public void onRequest(ChatModelRequestContext context) {
            events.add("request");
        }

        @Override
        public void onResponse(ChatModelResponseContext context) {
            events.add("response " + context.chatResponse().finishReason());
        }

        @Override
        public void onError(ChatModelErrorContext context) {
            events.add("error " + context.error().getClass().getSimpleName());
        }
    }

    @Test
    void a_listener_is_notified_once_of_each_call_and_its_end() {
        Notified notified = new Notified();
        KimiChatModel model =
                KimiChatModel.builder(client).listeners(List.of(notified)).build();
        client.reply("hello").fail(new ServerException("down", Details.NONE, null));

        assertThat(model.chat("hi")).isEqualTo("hello");
        assertThatThrownBy(() -> model.chat("hi")).isInstanceOf(InternalServerException.class);

        assertThat(notified.events)
                .containsExactly(
                        "request", "response " + FinishReason.STOP, "request", "error InternalServerException");
    }

    @Test
    void parameters_of_a_request_win_over_those_of_the_model_and_all_arrive() {
        KimiChatModel model = KimiChatModel.builder(client)
                .defaultRequestParameters(KimiChatRequestParameters.builder()
                        .modelName("kimi-k3")
                        .maxOutputTokens(100)
                        .reasoningEffort("low")
                        .thinking(true)
                        .cacheLifetime(Duration.ofMinutes(5))
                        .extra("seed", 7)
                        .build())
                .build();
        client.reply("hello");

        model.chat(dev.langchain4j.model.chat.request.ChatRequest.builder()
                .messages(UserMessage.from("hi"))
                .parameters(ChatRequestParameters.builder()
                        .maxOutputTokens(200)
                        .stopSequences("end")
                        .presencePenalty(0.5)
                        .build())
                .build());

        ChatRequest sent = client.requests().get(0);
        assertThat(sent.model()).isEqualTo("kimi-k3");
        assertThat(sent.maxCompletionTokens()).isEqualTo(200);
        assertThat(sent.stop()).containsExactly("end");
        assertThat(sent.reasoningEffort()).isEqualTo("low");
        assertThat(sent.thinking()).isTrue();
        assertThat(sent.cacheLifetime()).isEqualTo(Duration.ofMinutes(5));
        assertThat(sent.extra()).containsEntry("seed", 7);
        assertThat(sent.extra(Provenance.OPENAI)).containsEntry("presence_penalty", 0.5);
    }

    @Test
    void own_parameters_of_a_request_keep_those_of_the_model_that_they_do_not_set() {
        KimiChatRequestParameters defaults = KimiChatRequestParameters.builder()
                .reasoningEffort("low")
                .userId("u")
                .build();

        KimiChatRequestParameters both = defaults.overrideWith(
                KimiChatRequestParameters.builder().userId("v").temperature(1.0).build());

        assertThat(both.reasoningEffort()).isEqualTo("low");
        assertThat(both.userId()).isEqualTo("v");
        assertThat(both.temperature()).isEqualTo(1.0);
        assertThat(both)
                .isEqualTo(KimiChatRequestParameters.builder()
                        .reasoningEffort("low")
                        .userId("v")
                        .temperature(1.0)
                        .build())
                .isNotEqualTo(defaults);
    }

    @Test
    void images_videos_and_documents_are_sent_and_sound_is_rejected_before_sending() {
        client.reply("seen");
        KimiChatModel model = KimiChatModel.of(client);

        model.chat(UserMessage.from(
                TextContent.from("Look"),
                ImageContent.from("aGk=", "image/jpeg"),
                VideoContent.from("ms://file-1"),
                PdfFileContent.from("https://example.com/a.pdf")));

        assertThat(client.requests().get(0).messages().get(0).parts())
                .containsExactly(
                        ContentPart.text("Look"),
                        ContentPart.image("data:image/jpeg;base64,aGk="),
                        ContentPart.opaque(
                                Provenance.OPENAI,
                                "video_url",
                                "{\"type\":\"video_url\",\"video_url\":{\"url\":\"ms://file-1\"}}"),
                        ContentPart.opaque(
                                Provenance.ANTHROPIC,
                                "document",
                                "{\"type\":\"document\",\"source\":{\"type\":\"url\",\"url\":\"https://example.com/a.pdf\"}}"));
        assertThatThrownBy(() -> model.chat(UserMessage.from(AudioContent.from("https://example.com/a.wav"))))
                .isInstanceOf(UnsupportedFeatureException.class);
        assertThat(client.requests()).hasSize(1);
    }

    @Test
    void the_clients_own_response_is_behind_the_metadata() {
        client.reply("hello");

        var response = KimiChatModel.of(client)
                .chat(dev.langchain4j.model.chat.request.ChatRequest.builder()
                        .messages(UserMessage.from("hi"))
                        .build());

        assertThat(response.metadata())
                .isInstanceOfSatisfying(
                        KimiChatResponseMetadata.class,
                        metadata -> assertThat(metadata.response().text()).isEqualTo("hello"));
        assertThat(response.metadata().toBuilder().build()).isEqualTo(response.metadata());
    }

    @ParameterizedTest
    @CsvSource({"length, LENGTH", "content_filter, CONTENT_FILTER"})
    void tools_of_a_response_that_was_cut_or_withheld_are_not_reported(String reason, FinishReason expected) {
        Message cut = Message.assistant("Let me", null, List.of(new ToolCall("a", "pay", "{\"amount\":1")));
        client.reply(dev.kimi.chat.ChatResponse.builder(cut)
                .finishReason(dev.kimi.chat.FinishReason.of(reason))
                .build());

        ChatResponse response = KimiChatModel.of(client).chat(UserMessage.from("hi"));

        assertThat(response.finishReason()).isEqualTo(expected);
        assertThat(response.aiMessage().text()).isEqualTo("Let me");
        assertThat(response.aiMessage().hasToolExecutionRequests()).isFalse();
        assertThat(AssistantTurn.of(response.aiMessage()).toolCalls()).isEmpty();
    }

    @Test
    void structured_output_is_a_capability_unless_the_card_says_that_the_model_lacks_it() {
        client.models(
                ModelCard.builder("claude-a")
                        .fact(ModelCard.Fact.STRUCTURED_OUTPUT, false)
                        .build(),
                ModelCard.builder("claude-b")
                        .fact(ModelCard.Fact.STRUCTURED_OUTPUT, true)
                        .build());

        assertThat(capabilities("claude-a")).isEmpty();
        assertThat(capabilities("claude-b")).containsExactly(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
        assertThat(capabilities("kimi-k3")).containsExactly(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
    }

    private Iterable<Capability> capabilities(String model) {
        return KimiChatModel.builder(client)
                .defaultRequestParameters(
                        ChatRequestParameters.builder().modelName(model).build())
                .build()
                .supportedCapabilities();
    }
}
