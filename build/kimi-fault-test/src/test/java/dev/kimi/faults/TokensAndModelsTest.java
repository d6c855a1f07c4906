package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Tool;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.service.ModelCard;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Counts of tokens and lists of models by both services. */
@Timeout(60)
@ParameterizedClass
@EnumSource
class TokensAndModelsTest {

    private static final ChatRequest WHY = ChatRequest.of("Why is the sky blue?");

    @Parameter
    TransportUnderTest transport = TransportUnderTest.HTTP1;

    /** More than Claude gives at a time. */
    private final KimiSimulator service = KimiSimulator.builder()
            .keys("sk-test")
            .models(IntStream.range(0, 1_000).mapToObj(i -> "claude-test-" + i).toArray(String[]::new))
            .start();

    @AfterEach
    void stop() {
        service.close();
    }

    private KimiClientBuilder kimi() {
        return transport.client().baseUrl(service.baseUrl()).apiKey("sk-test");
    }

    private KimiClientBuilder claude() {
        return kimi().protocol("anthropic").model("claude-sonnet-5-5");
    }

    @Test
    void both_services_count() {
        ChatRequest withTool = ChatRequest.builder()
                .user("Why is the sky blue?")
                .tool(Tool.function("look_up", "Looks something up in a book.", "{\"type\":\"object\"}"))
                .maxCompletionTokens(50)
                .build();
        try (KimiClient kimi = kimi().build();
                KimiClient claude = claude().build()) {
            assertThat(kimi.countTokens(WHY)).isPositive().isEqualTo(kimi.countTokens(withTool));
            assertThat(claude.countTokens(WHY)).isPositive().isLessThan(claude.countTokens(withTool));
        }
        assertThat(service.requests())
                .extracting(ReceivedRequest::path)
                .containsExactly(
                        "/v1/tokenizers/estimate-token-count",
                        "/v1/tokenizers/estimate-token-count",
                        "/v1/messages/count_tokens",
                        "/v1/messages/count_tokens");
    }

    @Test
    void a_count_is_what_the_call_is_charged() {
        service.reply(Reply.text("Rayleigh scattering."));
        try (KimiClient claude = claude().build()) {
            long counted = claude.countTokens(WHY);

            ChatResponse response = claude.chat(WHY);

            assertThat(response.usage().promptTokens()).isEqualTo(counted);
        }
    }

    @Test
    void kimis_second_face_has_no_count_and_says_so() {
        try (KimiClient face = kimi().baseUrl(service.baseUrl() + "/anthropic").build()) {
            InvalidRequestException failure =
                    catchThrowableOfType(InvalidRequestException.class, () -> face.countTokens(WHY));

            assertThat(failure.status()).isEqualTo(404);
            assertThat(failure.reason()).isEqualTo(InvalidRequestException.Reason.NOT_OFFERED);
            assertThat(failure).hasMessageContaining("no count of tokens");
        }
        assertThat(service.requests()).hasSize(1);
    }

    @Test
    void a_wrong_key_fails_a_count_too() {
        try (KimiClient claude = claude().apiKey("sk-wrong").build()) {
            assertThat(catchThrowableOfType(AuthenticationException.class, () -> claude.countTokens(WHY)))
                    .isNotNull();
        }
    }

    @Test
    void lists_of_both_services_give_cards_and_claude_s_all_of_its_pages() {
        try (KimiClient kimi = kimi().build();
                KimiClient claude = claude().build()) {
            List<ModelCard> ofKimi = kimi.models();
            assertThat(ofKimi).extracting(ModelCard::id).contains("kimi-k3", "kimi-k3.1-pro");
            assertThat(ofKimi)
                    .allSatisfy(card -> assertThat(card.contextLength()).isPositive());

            List<ModelCard> ofClaude = claude.models();
            assertThat(ofClaude).hasSizeGreaterThan(1_000);
            assertThat(ofClaude)
                    .extracting(ModelCard::id)
                    .contains("claude-sonnet-5-5", "claude-test-999")
                    .doesNotHaveDuplicates();
            assertThat(claude.modelCard("claude-sonnet-5-5").efforts()).contains("high");
            assertThat(claude.modelCard("claude-test-0").extra()).containsKey("display_name");
        }
        assertThat(service.requests())
                .filteredOn(request -> request.headerNames().contains("anthropic-version"))
                .hasSize(2);
    }
}
