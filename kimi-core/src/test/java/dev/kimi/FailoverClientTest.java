package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.ConfigurationException;
import dev.kimi.internal.util.LogRecorder;
import dev.kimi.service.ModelCard;
import dev.kimi.transport.TransportRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Clients with a route, as they are built and as they send. */
class FailoverClientTest {

    private static final String MESSAGE = "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","
            + "\"model\":\"claude-sonnet-5-5\",\"content\":[{\"type\":\"text\",\"text\":\"blue\"}],"
            + "\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}";
    private static final String OUT_OF_BALANCE =
            "{\"error\":{\"type\":\"exceeded_current_quota_error\",\"message\":\"Your account is out of balance\"}}";

    private final ClientFixture kimi = new ClientFixture(body -> new ClientFixture.Reply(429, OUT_OF_BALANCE));
    private final ClientFixture claude = new ClientFixture(body -> new ClientFixture.Reply(200, MESSAGE));

    private KimiClientBuilder builder() {
        return KimiClient.builder()
                .apiKey("sk-one")
                .transport(kimi)
                .callbackExecutor(Runnable::run)
                .time(kimi.time, kimi.time);
    }

    private KimiClientBuilder claude() {
        return KimiClient.builder()
                .name("claude")
                .protocol("anthropic")
                .model("claude-sonnet-5-5")
                .apiKey("sk-other")
                .transport(claude);
    }

    private ChatResponse chat(KimiClient client, ChatRequest request) {
        CompletableFuture<ChatResponse> response = client.chatAsync(request);
        for (int i = 0; i < 4; i++) {
            kimi.time.advance(Duration.ofMillis(1));
            claude.time.advance(Duration.ofMillis(1));
        }
        return response.join();
    }

    private static String bodyOf(TransportRequest request) {
        return new String(request.body().bytes(), StandardCharsets.UTF_8);
    }

    @Test
    void a_call_that_fails_at_kimi_goes_to_claude_in_its_protocol_with_its_key_and_its_model() {
        try (KimiClient client = builder().failover(claude()).build()) {
            ChatResponse response = chat(client, ChatRequest.of("Why?"));

            assertThat(response.text()).isEqualTo("blue");
            assertThat(response.endpoint()).isEqualTo("claude");
            assertThat(response.notes()).extracting(ChatResponse.Note::code).contains(ChatResponse.Note.SENT_ELSEWHERE);
            TransportRequest sent = claude.sent.get(0);
            assertThat(sent.origin()).hasToString("https://api.anthropic.com");
            assertThat(sent.headers().first("x-api-key")).isEqualTo("sk-other");
            assertThat(bodyOf(sent)).contains("\"model\":\"claude-sonnet-5-5\"");
        }
    }

    @Test
    void a_share_of_hedged_streams_that_cannot_be_is_rejected_with_what_can() {
        for (double share : new double[] {-0.01, 0.51, Double.NaN}) {
            ConfigurationException failure = catchThrowableOfType(
                    ConfigurationException.class,
                    () -> builder().failover(claude()).hedging(share).build());

            assertThat(failure.setting()).isEqualTo("kimi.hedging");
            assertThat(failure.problem())
                    .isEqualTo("The share of streams that may be sent to a second endpoint too is " + share + ".");
            assertThat(failure.fix()).isEqualTo("Write a number from 0, for none, to 0.5, such as 0.05.");
        }
        builder().failover(claude()).hedging(0.5).build().close();
    }

    @Test
    void models_have_the_names_of_the_endpoint_that_is_gone_to() {
        KimiClientBuilder other = claude().modelNames(Map.of("kimi-k3", "claude-opus-5"));
        try (KimiClient client = builder().failover(other).build()) {
            chat(client, ChatRequest.builder().model("kimi-k3").user("Why?").build());

            assertThat(bodyOf(claude.sent.get(0))).contains("\"model\":\"claude-opus-5\"");
        }
    }

    @Test
    void between_two_addresses_of_kimi_the_names_stay() {
        KimiClientBuilder other = KimiClient.builder()
                .name("cn")
                .baseUrl("https://api.moonshot.cn")
                .model("kimi-k2.6")
                .modelNames(Map.of("kimi-k3", "claude-opus-5"))
                .apiKey("sk-other")
                .transport(claude);
        try (KimiClient client = builder().failover(other).build()) {
            client.chatAsync(ChatRequest.builder().model("kimi-k3").user("Why?").build());
            kimi.time.advance(Duration.ofMillis(1));

            assertThat(bodyOf(claude.sent.get(0))).contains("\"model\":\"kimi-k3\"");
        }
    }

    @Test
    void keys_of_one_service_are_accounts_that_are_used_in_order() {
        try (KimiClient client =
                builder().apiKeys(List.of("sk-one", " sk-two ", "", "sk-three")).build()) {
            client.chatAsync(ChatRequest.of("Why?"));
            kimi.time.advance(Duration.ofMillis(1));

            assertThat(kimi.sent)
                    .extracting(sent -> sent.headers().first("authorization"))
                    .containsExactly("Bearer sk-one", "Bearer sk-two", "Bearer sk-three");
        }
    }

    @Test
    void keys_need_no_further_one() {
        KimiClientBuilder keys =
                KimiClient.builder().apiKeys(List.of("sk-two")).transport(kimi).time(kimi.time, kimi.time);
        try (KimiClient client = keys.build()) {
            client.chatAsync(ChatRequest.of("Why?"));

            assertThat(kimi.sent.get(0).headers().first("authorization")).isEqualTo("Bearer sk-two");
        }
    }

    @Test
    void a_key_out_of_balance_is_not_tried_by_the_next_call() {
        try (KimiClient client = builder().failover(claude()).build()) {
            chat(client, ChatRequest.of("Why?"));
            chat(client, ChatRequest.of("Why?"));

            assertThat(kimi.sent).hasSize(1);
            client.resetLimits();
            chat(client, ChatRequest.of("Why?"));
            assertThat(kimi.sent).hasSize(2);
        }
    }

    private static String circuits(KimiClient client) {
        return client.diagnostics().circuits().stream()
                .map(circuit -> circuit.endpoint() + " " + circuit.model() + " " + circuit.state())
                .collect(Collectors.joining(", "));
    }

    @Test
    void diagnostics_have_the_circuits_of_a_route_by_endpoint_and_model() {
        try (KimiClient client = builder().failover(claude()).build()) {
            assertThat(circuits(client)).isEqualTo("default kimi-k3 CLOSED, claude claude-sonnet-5-5 CLOSED");

            chat(client, ChatRequest.of("Why?"));
            assertThat(circuits(client)).isEqualTo("default kimi-k3 OPEN, claude claude-sonnet-5-5 CLOSED");

            kimi.time.advance(Duration.ofSeconds(2));
            client.chatAsync(ChatRequest.of("Why?"));
            assertThat(circuits(client)).startsWith("default kimi-k3 HALF_OPEN, ");

            client.resetLimits();
            chat(client, ChatRequest.builder().model("kimi-k2.6").user("Why?").build());
            assertThat(circuits(client))
                    .isEqualTo("default kimi-k2.6 OPEN, default kimi-k3 CLOSED, claude claude-sonnet-5-5 CLOSED");
        }
    }

    @Test
    void a_client_without_a_route_has_no_circuits() {
        try (KimiClient client = builder().build()) {
            assertThat(client.diagnostics().circuits()).isEmpty();
        }
    }

    private ConfigurationException failureOf(KimiClientBuilder wrong) {
        return catchThrowableOfType(ConfigurationException.class, wrong::build);
    }

    @Test
    void what_is_wrong_with_another_endpoint_says_with_which() {
        ConfigurationException failure = failureOf(builder().failover(claude().model(" ")));

        assertThat(failure.problem()).isEqualTo("Endpoint 'claude' of the route: The model has no name.");
        assertThat(failure.setting()).isEqualTo("kimi.model");
    }

    @Test
    void a_name_of_a_model_that_is_retired_there_is_rejected_and_so_is_none() {
        kimi.time.advance(Duration.ofDays(3_650));
        ConfigurationException retired =
                failureOf(builder().failover(claude().modelNames(Map.of("kimi-k3", "kimi-k2-thinking"))));
        assertThat(retired.setting()).isEqualTo("kimi.models[kimi-k3]");
        assertThat(retired.problem()).contains("Endpoint 'claude'", "kimi-k2-thinking was retired");

        ConfigurationException blank = failureOf(builder().failover(claude().modelNames(Map.of("kimi-k3", " "))));
        assertThat(blank.setting()).isEqualTo("kimi.models[kimi-k3]");
    }

    @Test
    void names_of_models_that_nobody_knows_are_warned_about() {
        try (LogRecorder log = new LogRecorder("dev.kimi.routes")) {
            builder()
                    .failover(claude().modelNames(
                                    Map.of("kimi-k3", "claude-sonet-5-5", "kimi-k31", "claude-opus-5-5-20260801")))
                    .build()
                    .close();

            assertThat(log.messages())
                    .hasSize(2)
                    .anyMatch(line -> line.startsWith("The setting kimi.models[kimi-k3] names the model"
                            + " 'claude-sonet-5-5' for the endpoint 'claude', where no model of that name is known."))
                    .anyMatch(line -> line.startsWith(
                            "The setting kimi.models[kimi-k31] is for calls that name the model 'kimi-k31',"));
        }
    }

    @Test
    void a_service_whose_models_nobody_knows_and_models_that_have_a_card_are_not_warned_about() {
        try (LogRecorder log = new LogRecorder("dev.kimi.routes")) {
            builder()
                    .failover(
                            claude().modelNames(Map.of("kimi-k3", "claude-next"))
                                    .modelCard("claude-next", ModelCard.Fact.CONTEXT, "2M"),
                            claude().name("gateway")
                                    .baseUrl("https://gateway.test")
                                    .modelNames(Map.of("kimi-k3", "anything")))
                    .build()
                    .close();

            assertThat(log.messages()).isEmpty();
        }
    }

    @Test
    void blank_keys_alone_are_no_key() {
        KimiClientBuilder blank = KimiClient.builder().apiKeys(List.of(" ")).transport(kimi);

        assertThat(failureOf(blank).setting()).isEqualTo("kimi.api-key");
    }

    @Test
    void two_endpoints_of_one_name_are_rejected() {
        ConfigurationException failure = catchThrowableOfType(
                ConfigurationException.class,
                () -> builder().failover(claude().name("default")).build());

        assertThat(failure).hasMessageContaining("default");
        assertThat(failure.setting()).isEqualTo("kimi.failover");
    }
}
