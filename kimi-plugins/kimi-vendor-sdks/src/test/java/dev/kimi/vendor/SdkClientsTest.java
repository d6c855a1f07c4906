package dev.kimi.vendor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.models.messages.MessageCreateParams;
import com.openai.azure.credential.AzureApiKeyCredential;
import com.openai.client.OpenAIClient;
import com.openai.client.OpenAIClientImpl;
import com.openai.core.ClientOptions;
import com.openai.errors.OpenAIException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.kimi.event.CallEvent;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.quota.Settlement;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import dev.kimi.vendor.anthropic.KimiAnthropic;
import dev.kimi.vendor.openai.KimiOpenAi;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several clients of the SDKs over one Kimi client, clients that move, and what their calls count. */
@Timeout(60)
class SdkClientsTest {

    private static final ChatCompletionCreateParams WHY = ChatCompletionCreateParams.builder()
            .model("kimi-k3")
            .addUserMessage("Why?")
            .build();

    private final List<QuotaRequest> reserved = new CopyOnWriteArrayList<>();
    private final List<Settlement> settled = new CopyOnWriteArrayList<>();

    @Test
    void clients_and_their_copies_share_a_kimi_client_and_close_apart() {
        try (SdkFixture fixture = new SdkFixture(Sdk.OPENAI_HTTP1)) {
            OpenAIClient first = KimiOpenAi.client(fixture.client);
            OpenAIClient second = KimiOpenAi.client(fixture.client);
            OpenAIClient copy = first.withOptions(options -> options.putHeader("x-team", "sky"));

            for (OpenAIClient client : List.of(first, second, copy)) {
                fixture.kimi.reply(Reply.text("Blue."));
                assertThat(client.chat().completions().create(WHY).choices()).hasSize(1);
            }
            first.close();
            fixture.kimi.reply(Reply.text("Blue."));
            assertThat(second.chat().completions().create(WHY).choices()).hasSize(1);

            assertThat(fixture.kimi.connectionsAccepted()).isEqualTo(1);
            assertThat(fixture.kimi.requests())
                    .extracting(request -> request.header("x-team").orElse(""))
                    .containsExactly("", "", "sky", "");
            fixture.awaitOutcomes(
                    CallEvent.Outcome.SUCCESS,
                    CallEvent.Outcome.SUCCESS,
                    CallEvent.Outcome.SUCCESS,
                    CallEvent.Outcome.SUCCESS);
        }
    }

    @Test
    void a_client_with_a_credential_of_another_cloud_moves_over_without_it() {
        try (SdkFixture fixture = new SdkFixture(Sdk.OPENAI_HTTP1)) {
            OpenAIClient azure = new OpenAIClientImpl(ClientOptions.builder()
                    .httpClient(new NoHttpClient())
                    .baseUrl("https://example.openai.azure.com")
                    .credential(AzureApiKeyCredential.create("key-of-azure"))
                    .build());

            OpenAIClient moved = azure.withOptions(KimiOpenAi.over(fixture.client));

            assertThat(moved.chat().completions().create(WHY).choices()).hasSize(1);
            ReceivedRequest request = fixture.kimi.requests().get(0);
            assertThat(request.headerNames())
                    .flatExtracting(request::headers)
                    .noneMatch(value -> value.contains("key-of-azure"))
                    .contains("Bearer sk-test");
        }
    }

    @Test
    void an_anthropic_client_with_a_key_moves_over_without_it() {
        try (SdkFixture fixture = new SdkFixture(Sdk.ANTHROPIC_HTTP1)) {
            AnthropicClient moved = AnthropicOkHttpClient.builder()
                    .apiKey("key-of-the-sdk")
                    .baseUrl("http://127.0.0.1:9")
                    .build()
                    .withOptions(KimiAnthropic.over(fixture.client));

            assertThat(moved.messages()
                            .create(MessageCreateParams.builder()
                                    .model("claude-sonnet-4-6")
                                    .maxTokens(500)
                                    .addUserMessage("Why?")
                                    .build())
                            .content())
                    .isNotEmpty();
            assertThat(fixture.kimi.requests().get(0).headers("x-api-key")).containsExactly("sk-test");
        }
    }

    @Test
    void a_web_socket_is_rejected_with_a_sentence() {
        try (SdkFixture fixture = new SdkFixture(Sdk.OPENAI_HTTP1)) {
            OpenAIClient client = KimiOpenAi.client(fixture.client);

            assertThatThrownBy(() -> client.responses().connect())
                    .hasStackTraceContaining("does not support WebSockets");
            assertThat(fixture.kimi.connectionsAccepted()).isZero();
        }
    }

    @Test
    void a_call_reserves_a_request_and_no_tokens_and_settles_it_once() {
        try (SdkFixture fixture =
                new SdkFixture(Sdk.OPENAI_HTTP1, Sdk.OPENAI_HTTP1.client().quota(this::reserve))) {
            fixture.kimi.reply(Reply.text("Blue.").usage(10, 20, 0));
            fixture.calls.ask();
            fixture.awaitOutcomes(CallEvent.Outcome.SUCCESS);
            fixture.kimi.reply(Reply.text("Blue.").stallAfterEvents(2));
            fixture.calls.stream().close();
            fixture.awaitOutcomes(CallEvent.Outcome.SUCCESS, CallEvent.Outcome.CANCELLED);
        }

        assertThat(reserved).hasSize(2).allSatisfy(request -> {
            assertThat(request.model()).isNull();
            assertThat(request.bookedInputTokens() + request.bookedOutputTokens())
                    .isZero();
        });
        assertThat(settled).hasSize(2);
    }

    private QuotaDecision reserve(QuotaRequest request) {
        reserved.add(request);
        return QuotaDecision.granted(settled::add);
    }

    @Test
    void a_call_beyond_a_limit_that_is_known_is_the_sdks_exception_and_is_not_sent() {
        try (SdkFixture fixture = new SdkFixture(
                Sdk.OPENAI_HTTP1,
                Sdk.OPENAI_HTTP1.client().quota(request -> QuotaDecision.never("no requests are left")))) {
            assertThatThrownBy(fixture.calls::ask)
                    .isInstanceOf(OpenAIException.class)
                    .hasStackTraceContaining("no requests are left");
            assertThat(fixture.kimi.requests()).isEmpty();
        }
    }
}
