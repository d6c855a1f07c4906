package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.error.ConfigurationException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.service.ServiceRequest;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client of the Messages protocol, as it is built and as it sends. */
class ClaudeClientTest {

    private static final String MESSAGE = "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","
            + "\"model\":\"claude-sonnet-5-5\",\"content\":[{\"type\":\"text\",\"text\":\"blue\"}],"
            + "\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}";

    private final ClientFixture service = new ClientFixture(body -> new ClientFixture.Reply(200, MESSAGE));

    private KimiClientBuilder builder() {
        return KimiClient.builder()
                .apiKey("sk-test")
                .transport(service)
                .callbackExecutor(Runnable::run)
                .time(service.time, service.time);
    }

    private ChatResponse chat(KimiClient client) {
        CompletableFuture<ChatResponse> response = client.chatAsync(ChatRequest.of("Why?"));
        service.time.advance(Duration.ofSeconds(1));
        return response.join();
    }

    @Test
    void it_speaks_messages_to_anthropic_with_the_key_in_the_header_of_its_own() {
        try (KimiClient claude =
                builder().protocol("anthropic").model("claude-sonnet-5-5").build()) {
            ChatResponse response = chat(claude);

            TransportRequest sent = service.sent.get(0);
            assertThat(sent.origin()).hasToString("https://api.anthropic.com");
            assertThat(sent.method() + " " + sent.target()).isEqualTo("POST /v1/messages");
            Headers headers = sent.headers();
            assertThat(headers.first("x-api-key")).isEqualTo("sk-test");
            assertThat(headers.first("authorization")).isNull();
            assertThat(headers.first("anthropic-version")).isEqualTo("2026-10-21");
            assertThat(headers.first("anthropic-beta")).isNull();
            assertThat(new String(sent.body().bytes(), StandardCharsets.UTF_8))
                    .isEqualTo("{\"model\":\"claude-sonnet-5-5\",\"max_tokens\":32000,"
                            + "\"messages\":[{\"role\":\"user\",\"content\":\"Why?\"}]}");
            assertThat(response.text()).isEqualTo("blue");
            assertThat(response.finishReason()).isEqualTo(FinishReason.STOP);
            assertThat(response.message().blocks())
                    .extracting(Message.Block::origin)
                    .containsExactly(new Provenance(Provenance.ANTHROPIC, "api.anthropic.com", "claude-sonnet-5-5"));
        }
    }

    @Test
    void credentials_of_a_provider_go_where_they_say_and_a_token_goes_as_bearer() {
        try (KimiClient claude = KimiClient.builder()
                .protocol("anthropic")
                .model("claude-sonnet-5-5")
                .credentials(CredentialsProvider.apiKey("token"))
                .transport(service)
                .callbackExecutor(Runnable::run)
                .time(service.time, service.time)
                .build()) {
            chat(claude);
        }

        Headers headers = service.sent.get(0).headers();
        assertThat(headers.first("authorization")).isEqualTo("Bearer token");
        assertThat(headers.first("x-api-key")).isNull();
    }

    @Test
    void a_header_of_a_raw_request_replaces_that_of_the_protocol() {
        try (KimiClient claude =
                builder().protocol("anthropic").model("claude-sonnet-5-5").build()) {
            claude.exchangeAsync(ServiceRequest.get("/v1/models").header("Anthropic-Version", "2023-06-01"));
            service.time.advance(Duration.ofSeconds(1));
        }

        List<String> versions = new ArrayList<>();
        service.sent.get(0).headers().forEach((name, value) -> {
            if (name.equals("anthropic-version")) {
                versions.add(value);
            }
        });
        assertThat(versions).containsExactly("2023-06-01");
    }

    @Test
    void beta_features_of_a_raw_request_are_sent_with_those_of_the_client() {
        try (KimiClient claude = builder()
                .protocol("anthropic")
                .model("claude-sonnet-4-5")
                .anthropicBeta(List.of("context-1m-2025-08-07", "fast-mode-2026-02-01"))
                .build()) {
            claude.exchangeAsync(ServiceRequest.get("/v1/files")
                    .header("anthropic-beta", "files-api-2025-04-14, fast-mode-2026-02-01,"));
            service.time.advance(Duration.ofSeconds(1));
        }

        List<String> betas = new ArrayList<>();
        service.sent.get(0).headers().forEach((name, value) -> {
            if (name.equals("anthropic-beta")) {
                betas.add(value);
            }
        });
        assertThat(betas).containsExactly("context-1m-2025-08-07,fast-mode-2026-02-01,files-api-2025-04-14");
    }

    @Test
    void version_beta_features_and_the_header_of_the_key_are_settings() {
        try (KimiClient claude = builder()
                .protocol("anthropic")
                .model("claude-sonnet-4-5")
                .anthropicVersion("2023-06-01")
                .anthropicBeta(List.of("context-1m-2025-08-07", "fast-mode-2026-02-01"))
                .set(Part.AUTH, "header", "Authorization")
                .build()) {
            chat(claude);
        }

        Headers headers = service.sent.get(0).headers();
        assertThat(headers.first("anthropic-version")).isEqualTo("2023-06-01");
        assertThat(headers.first("anthropic-beta")).isEqualTo("context-1m-2025-08-07,fast-mode-2026-02-01");
        assertThat(headers.first("authorization")).isEqualTo("Bearer sk-test");
        assertThat(headers.first("x-api-key")).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.anthropic.com, , /v1/messages, x-api-key",
        "https://API.Anthropic.com/v1/, , /v1/messages, x-api-key",
        "https://eu.anthropic.com, , /v1/messages, x-api-key",
        "https://notanthropic.com, , /v1/chat/completions, authorization",
        "https://api.moonshot.ai/anthropic, , /anthropic/v1/messages, authorization",
        "https://api.moonshot.ai/anthropic/v1, , /anthropic/v1/messages, authorization",
        "https://api.moonshot.ai/anthropics, , /anthropics/v1/chat/completions, authorization",
        "https://gateway.test, anthropic, /v1/messages, authorization",
        "https://api.anthropic.com, openai, /v1/chat/completions, authorization",
        "https://api.kimi.com/coding, anthropic, /coding/v1/messages, authorization"
    })
    void the_protocol_follows_from_the_base_url_unless_it_is_said(
            String baseUrl, String protocol, String target, String header) {
        try (KimiClient client = builder()
                .baseUrl(baseUrl)
                .protocol(protocol)
                .model("some-model")
                .build()) {
            client.chatAsync(ChatRequest.of("Why?"));
            service.time.advance(Duration.ofSeconds(1));
        }

        assertThat(service.sent.get(0).target()).isEqualTo(target);
        assertThat(service.sent.get(0).headers().first(header)).contains("sk-test");
    }

    @Test
    void claude_has_no_usual_model_and_kimis_face_has_kimis() {
        ConfigurationException failure =
                catchThrowableOfType(ConfigurationException.class, builder().protocol("anthropic")::build);
        assertThat(failure.setting()).isEqualTo("kimi.model");
        assertThat(failure.problem()).contains("api.anthropic.com");
        assertThat(failure.fix()).contains("kimi.model");

        try (KimiClient face =
                builder().baseUrl("https://api.moonshot.ai/anthropic").build()) {
            assertThat(face.model()).isEqualTo("kimi-k3");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.moonshot.ai/anthropic, 2023-06-01",
        "https://api.moonshot.cn/anthropic, 2023-06-01",
        "https://api.kimi.com/coding, 2023-06-01",
        "https://API.kimi.ai/coding, 2023-06-01",
        "https://notkimi.com/coding, 2026-10-21",
        "https://gateway.test/anthropic, 2023-06-01",
        "https://gateway.test, 2026-10-21"
    })
    void of_the_version_those_that_are_not_anthropic_hear_the_one_that_all_know(String baseUrl, String version) {
        try (KimiClient client = builder()
                .baseUrl(baseUrl)
                .protocol("anthropic")
                .model("some-model")
                .build()) {
            client.chatAsync(ChatRequest.of("Why?"));
            service.time.advance(Duration.ofSeconds(1));
        }

        assertThat(service.sent.get(0).headers().first("anthropic-version")).isEqualTo(version);
    }

    @Test
    void kimis_coding_face_has_kimis_model_too() {
        try (KimiClient coding = builder()
                .baseUrl("https://api.kimi.com/coding")
                .protocol("anthropic")
                .build()) {
            assertThat(coding.model()).isEqualTo("kimi-k3");
        }
    }

    @Test
    void all_models_come_in_one_list() {
        try (KimiClient claude =
                builder().protocol("anthropic").model("claude-sonnet-5-5").build()) {
            claude.modelsAsync();
            service.time.advance(Duration.ofSeconds(1));
        }

        assertThat(service.sent.get(0).target()).isEqualTo("/v1/models?limit=1000");
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.anthropic.com, 0",
        "https://gateway.test, 0",
        "https://api.moonshot.ai/anthropic, 500",
        "https://api.kimi.com/coding, 500"
    })
    void of_the_output_kimi_books_the_cap_and_claude_nothing(String baseUrl, long booked) {
        List<QuotaRequest> asked = new ArrayList<>();
        try (KimiClient client = builder()
                .baseUrl(baseUrl)
                .protocol("anthropic")
                .model("some-model")
                .quota(request -> {
                    asked.add(request);
                    return QuotaDecision.never("no");
                })
                .build()) {
            client.chatAsync(
                    ChatRequest.builder().user("Why?").maxCompletionTokens(500).build());
            service.time.advance(Duration.ofSeconds(1));
        }

        assertThat(asked.get(0).outputCap()).isEqualTo(500);
        assertThat(asked.get(0).bookedOutputTokens()).isEqualTo(booked);
    }

    @Test
    void a_blank_model_is_none() {
        ConfigurationException failure =
                catchThrowableOfType(ConfigurationException.class, builder().model(" ")::build);

        assertThat(failure.setting()).isEqualTo("kimi.model");
    }

    @Test
    void a_protocol_that_there_is_not_is_rejected_with_those_that_there_are() {
        ConfigurationException failure =
                catchThrowableOfType(ConfigurationException.class, builder().protocol("gemini")::build);

        assertThat(failure.setting()).isEqualTo("kimi.protocol");
        assertThat(failure.problem()).contains("gemini");
        assertThat(failure.fix()).contains("openai", "anthropic");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a,b", "a\nb", "ключ"})
    void a_beta_feature_is_a_name_that_a_list_in_a_header_takes(String name) {
        KimiClientBuilder builder = builder();

        assertThatThrownBy(() -> builder.anthropicBeta(List.of("fine", name)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"host", "x key", "content-length"})
    void a_key_goes_into_no_header_that_the_transport_writes_or_that_there_cannot_be(String header) {
        ConfigurationException failure =
                catchThrowableOfType(ConfigurationException.class, builder().set(Part.AUTH, "header", header)::build);

        assertThat(failure.setting()).isEqualTo("kimi.auth.header");
        assertThat(failure).hasMessageNotContaining("sk-test");
    }

    @Test
    void what_the_version_rejects_is_not_sent() {
        try (KimiClient claude =
                builder().protocol("anthropic").model("claude-sonnet-5-5").build()) {
            ChatRequest request =
                    ChatRequest.builder().user("Why?").temperature(1).build();

            assertThatThrownBy(() -> claude.chatAsync(request).get()).hasCauseInstanceOf(InvalidRequestException.class);
        }
        assertThat(service.sent).isEmpty();
    }

    @Test
    void what_the_card_of_the_model_rejects_is_not_sent() {
        try (KimiClient claude =
                builder().protocol("anthropic").model("claude-opus-5-5").build()) {
            ChatRequest request =
                    ChatRequest.builder().user("Why?").thinking(false).build();

            assertThatThrownBy(() -> claude.chatAsync(request).get())
                    .hasCauseInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("Thinking of this model cannot be disabled.");
        }
        assertThat(service.sent).isEmpty();
    }

    @Test
    void the_same_key_at_kimis_two_faces_is_one_account() {
        service.hold = true;
        try (KimiClient kimi = builder()
                        .name("kimi")
                        .set(Part.QUOTA, "concurrency", "1")
                        .build();
                KimiClient face = builder()
                        .name("face")
                        .baseUrl("https://api.moonshot.ai/anthropic")
                        .build()) {
            kimi.chatAsync(ChatRequest.of("Why?"));
            face.chatAsync(ChatRequest.of("Why?"));
            service.time.advance(Duration.ofSeconds(1));

            assertThat(service.sent).extracting(TransportRequest::target).containsExactly("/v1/chat/completions");
        }
    }
}
