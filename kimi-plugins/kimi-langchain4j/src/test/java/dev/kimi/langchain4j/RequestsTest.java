package dev.kimi.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.Provenance;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.PdfFileContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.message.VideoContent;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RequestsTest {

    private static final UserMessage HI = UserMessage.from("hi");

    private static ChatRequest with(ChatRequestParameters parameters) {
        return ChatRequest.builder().messages(HI).parameters(parameters).build();
    }

    private static ChatRequest with(Content content) {
        return ChatRequest.builder().messages(UserMessage.from(content)).build();
    }

    static Stream<Arguments> unsupported() {
        return Stream.of(
                Arguments.of(
                        Provenance.ANTHROPIC,
                        with(ChatRequestParameters.builder()
                                .frequencyPenalty(0.5)
                                .build()),
                        "frequencyPenalty"),
                Arguments.of(
                        Provenance.OPENAI,
                        with(ChatRequestParameters.builder().topK(5).build()),
                        "topK"),
                Arguments.of(
                        Provenance.ANTHROPIC,
                        with(ChatRequestParameters.builder()
                                .responseFormat(ResponseFormat.JSON)
                                .build()),
                        "JSON response format"),
                Arguments.of(Provenance.ANTHROPIC, with(VideoContent.from("ms://file-1")), "videos"),
                Arguments.of(Provenance.OPENAI, with(PdfFileContent.from("https://example.com/a.pdf")), "PDF"));
    }

    @ParameterizedTest
    @MethodSource("unsupported")
    void what_the_clients_protocol_lacks_is_an_unsupported_feature(String protocol, ChatRequest request, String what) {
        assertThatThrownBy(() -> Requests.of(request, protocol))
                .isExactlyInstanceOf(UnsupportedFeatureException.class)
                .hasMessageContaining(what)
                .hasMessageContaining("does not support");
        String other = protocol.equals(Provenance.OPENAI) ? Provenance.ANTHROPIC : Provenance.OPENAI;
        assertThat(Requests.of(request, other)).isNotNull();
        assertThat(Requests.of(request, "")).isNotNull();
    }

    @Test
    void a_value_that_no_service_takes_is_an_invalid_request() {
        ChatRequest request =
                with(ChatRequestParameters.builder().maxOutputTokens(-1).build());

        assertThatThrownBy(() -> Requests.of(request, Provenance.OPENAI))
                .isExactlyInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("maxCompletionTokens");
    }
}
