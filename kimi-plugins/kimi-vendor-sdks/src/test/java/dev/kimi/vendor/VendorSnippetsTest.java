package dev.kimi.vendor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.client.AnthropicClient;
import com.anthropic.models.messages.MessageCreateParams;
import com.openai.client.OpenAIClient;
import com.openai.client.OpenAIClientImpl;
import com.openai.core.ClientOptions;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.kimi.KimiClient;
import dev.kimi.event.CallEvent;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.kimi.test.junit.KimiSimulatorExtension;
import dev.kimi.vendor.anthropic.KimiAnthropic;
import dev.kimi.vendor.openai.KimiOpenAi;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The code of docs/vendor-sdks.md, and whom the SDKs reject. */
@Timeout(60)
class VendorSnippetsTest {

    @RegisterExtension
    static final KimiSimulatorExtension EXTENSION = new KimiSimulatorExtension();

    private final KimiSimulator service = EXTENSION.simulator();
    private final KimiClient kimi = EXTENSION.track(
            Sdk.OPENAI_HTTP1.client().name("kimi").baseUrl(service.baseUrl()).build());
    private final KimiClient claude = EXTENSION.track(Sdk.ANTHROPIC_HTTP1
            .client()
            .name("claude")
            .baseUrl(service.baseUrl())
            .build());

    private final ChatCompletionCreateParams params = ChatCompletionCreateParams.builder()
            .model("kimi-k3")
            .addUserMessage("Why?")
            .build();

    private static String text(ChatCompletion completion) {
        return completion.choices().get(0).message().content().orElseThrow();
    }

    @Test
    void openai() {
        service.reply(Reply.text("Blue."));
        // snippet:vendor-openai
        OpenAIClient client = KimiOpenAi.client(kimi);
        // end
        assertThat(text(client.chat().completions().create(params))).isEqualTo("Blue.");
    }

    @Test
    void anthropic() {
        service.reply(Reply.text("Blue."));
        // snippet:vendor-anthropic
        AnthropicClient client = KimiAnthropic.client(claude);
        // end
        assertThat(client.messages()
                        .create(MessageCreateParams.builder()
                                .model("claude-sonnet-4-6")
                                .maxTokens(500)
                                .addUserMessage("Why?")
                                .build())
                        .content())
                .isNotEmpty();
    }

    @Test
    void beta_features_of_the_sdk_are_sent_with_those_of_the_kimi_client() {
        KimiClient withBeta = EXTENSION.track(Sdk.ANTHROPIC_HTTP1
                .client()
                .anthropicBeta(List.of("context-1m-2025-08-07"))
                .baseUrl(service.baseUrl())
                .build());

        KimiAnthropic.client(withBeta)
                .beta()
                .messages()
                .create(com.anthropic.models.beta.messages.MessageCreateParams.builder()
                        .model("claude-sonnet-4-6")
                        .maxTokens(500)
                        .addUserMessage("Why?")
                        .addBeta("fast-mode-2026-02-01")
                        .addBeta("files-api-2025-04-14")
                        .build());

        assertThat(service.requests().get(0).headers("anthropic-beta"))
                .containsExactly("context-1m-2025-08-07,fast-mode-2026-02-01,files-api-2025-04-14");
    }

    @Test
    void a_client_that_exists_moves_over_with_its_headers() {
        service.reply(Reply.text("Blue."));
        OpenAIClient existing = new OpenAIClientImpl(ClientOptions.builder()
                .httpClient(new NoHttpClient())
                .apiKey("sk-of-the-sdk")
                .putHeader("x-team", "sky")
                .build());
        // snippet:vendor-over
        OpenAIClient moved = existing.withOptions(KimiOpenAi.over(kimi));
        // end
        assertThat(text(moved.chat().completions().create(params))).isEqualTo("Blue.");
        assertThat(service.requests().get(0).header("x-team")).hasValue("sky");
        assertThat(service.requests().get(0).header("authorization")).hasValue("Bearer sk-test");
    }

    @Test
    void cancel() {
        // of its own: the request may come after the cancel, and would take the reply of another test
        try (SdkFixture fixture = new SdkFixture(Sdk.OPENAI_HTTP1)) {
            fixture.kimi.reply(Reply.text("never").stallBeforeHeaders());
            KimiClient kimi = fixture.client;
            OpenAIClient client = KimiOpenAi.client(kimi);
            // snippet:vendor-cancellable
            CompletableFuture<ChatCompletion> response = KimiOpenAi.cancellable(
                    kimi, client.async(), sdk -> sdk.chat().completions().create(params));
            response.cancel(true);
            // end
            assertThat(response).isCancelled();
            fixture.awaitOutcomes(CallEvent.Outcome.CANCELLED);
        }
    }

    @Test
    void a_client_of_another_protocol_is_rejected_at_once() {
        assertThatThrownBy(() -> KimiOpenAi.client(claude))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("The client claude speaks the protocol anthropic, and openai-java speaks openai");
        assertThatThrownBy(() -> KimiAnthropic.client(kimi))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("The client kimi speaks the protocol openai");
    }

    @Test
    void a_base_url_elsewhere_is_rejected_before_anything_is_sent() {
        OpenAIClient elsewhere =
                KimiOpenAi.client(kimi).withOptions(options -> options.baseUrl("https://api.openai.com/v1"));

        assertThatThrownBy(() -> elsewhere.chat().completions().create(params))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("https://api.openai.com:443/v1/chat/completions");
        assertThat(service.requests()).isEmpty();
    }
}
