package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.Tool;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.event.CallEvent;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.transport.TransportRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a count of tokens sends, books and fails with, in both protocols. */
class CountTokensTest {

    private static final ClientFixture.Reply OF_KIMI =
            new ClientFixture.Reply(200, "{\"code\":0,\"data\":{\"other\":[1],\"total_tokens\":42},\"status\":true}");
    private static final ClientFixture.Reply OF_CLAUDE =
            new ClientFixture.Reply(200, "{\"input_tokens\":42,\"context_management\":{\"input_tokens\":7}}");
    private static final ChatRequest ALL = ChatRequest.builder()
            .system("You are terse.")
            .user("Why?")
            .tool(Tool.function("look", "Looks.", "{\"type\":\"object\"}"))
            .toolChoice(Tool.Choice.AUTO)
            .reasoningEffort("high")
            .maxCompletionTokens(100)
            .stop(List.of("end"))
            .userId("u-1")
            .extra("service_tier", "auto")
            .extra("context_management", List.of())
            .build();

    private final Deque<ClientFixture.Reply> replies = new ArrayDeque<>();
    private final ClientFixture service = new ClientFixture(body -> replies.remove());
    private final List<CallEvent> events = new ArrayList<>();

    private KimiClientBuilder builder() {
        return service.builder().listener(started -> {
            events.add(started);
            return events::add;
        });
    }

    private KimiClientBuilder claude() {
        return builder().baseUrl("https://api.anthropic.com").model("claude-opus-4-8");
    }

    private CompletableFuture<Long> count(KimiClient client, ChatRequest request, ClientFixture.Reply... scripted) {
        replies.addAll(List.of(scripted));
        CompletableFuture<Long> count = client.countTokensAsync(request);
        service.answerAll();
        return count;
    }

    private String sent(int number) {
        TransportRequest request = service.sent.get(number);
        return request.method() + " " + request.target() + " "
                + new String(request.body().bytes(), StandardCharsets.UTF_8);
    }

    private <T extends KimiException> T failure(Class<T> type, CompletableFuture<Long> count) {
        CompletionException failed = catchThrowableOfType(CompletionException.class, count::join);
        assertThat(failed).hasCauseInstanceOf(type);
        return type.cast(failed.getCause());
    }

    @Test
    void claude_gets_all_that_it_counts_and_nothing_that_concerns_the_response() {
        try (KimiClient claude = claude().build()) {
            assertThat(count(claude, ALL, OF_CLAUDE)).isCompletedWithValue(42L);
        }

        assertThat(sent(0))
                .isEqualTo(
                        "POST /v1/messages/count_tokens {\"model\":\"claude-opus-4-8\",\"system\":\"You are terse.\","
                                + "\"messages\":[{\"role\":\"user\",\"content\":\"Why?\"}],\"tools\":[{\"name\":\"look\","
                                + "\"description\":\"Looks.\",\"input_schema\":{\"type\":\"object\"}}],"
                                + "\"tool_choice\":{\"type\":\"auto\"},\"output_config\":{\"effort\":\"high\"},"
                                + "\"context_management\":[]}");
        TransportRequest request = service.sent.get(0);
        assertThat(request.headers().first("authorization")).isEqualTo("Bearer sk-test");
        assertThat(request.headers().first("anthropic-version")).isEqualTo("2026-10-21");
        assertThat(request.headers().first("accept")).isEqualTo("application/json");
        assertThat(events.get(0)).isEqualTo(new CallEvent.Started("default", 0, "count-tokens", "claude-opus-4-8"));
        assertThat(events).doesNotHaveAnyElementsOfTypes(CallEvent.Noted.class);
    }

    @Test
    void kimi_gets_the_messages_alone_and_an_event_says_that_tools_are_not_counted() {
        try (KimiClient kimi = builder().build()) {
            assertThat(count(kimi, ALL, OF_KIMI)).isCompletedWithValue(42L);
            assertThat(count(kimi, ChatRequest.of("Why?"), OF_KIMI)).isCompletedWithValue(42L);
        }

        assertThat(sent(0))
                .isEqualTo("POST /v1/tokenizers/estimate-token-count {\"model\":\"kimi-k3\",\"messages\":["
                        + "{\"role\":\"system\",\"content\":\"You are terse.\"},"
                        + "{\"role\":\"user\",\"content\":\"Why?\"}]}");
        assertThat(service.sent.get(0).headers().first("authorization")).isEqualTo("Bearer sk-test");
        assertThat(events)
                .filteredOn(CallEvent.Noted.class::isInstance)
                .singleElement()
                .isInstanceOfSatisfying(CallEvent.Noted.class, note -> {
                    assertThat(note.code()).isEqualTo(Note.FIELD_OMITTED);
                    assertThat(note.message()).contains("tools", "kimi-k3 at api.moonshot.ai");
                });
    }

    @Test
    void fields_given_for_the_protocol_stand_in_place_of_the_request_s_own() {
        ChatRequest request = ChatRequest.builder()
                .user("Why?")
                .extra(Provenance.OPENAI, "messages", List.of("raw"))
                .extra(Provenance.OPENAI, "tools", List.of())
                .build();
        try (KimiClient kimi = builder().build()) {
            count(kimi, request, OF_KIMI);
        }

        assertThat(sent(0)).endsWith("{\"model\":\"kimi-k3\",\"messages\":[\"raw\"]}");
        assertThat(events).hasAtLeastOneElementOfType(CallEvent.Noted.class);
    }

    @Test
    void models_are_named_and_replaced_by_the_default_as_in_a_chat() {
        try (KimiClient kimi = builder().model("kimi-k3.1-pro").build()) {
            count(kimi, ChatRequest.of("Why?"), OF_KIMI);
            count(kimi, ChatRequest.builder().model("kimi-k3").user("Why?").build(), OF_KIMI);
        }

        assertThat(sent(0)).contains("\"model\":\"kimi-k3.1-pro\"");
        assertThat(sent(1)).contains("\"model\":\"kimi-k3\"");
    }

    @Test
    void what_a_chat_is_rejected_for_before_sending_a_count_is_too() {
        try (KimiClient kimi = builder().build();
                KimiClient claude = claude().build()) {
            ChatRequest hot =
                    ChatRequest.builder().user("Why?").temperature(0.3).build();

            assertThat(failure(InvalidRequestException.class, kimi.countTokensAsync(hot))
                            .param())
                    .isEqualTo("temperature");
            assertThat(failure(InvalidRequestException.class, claude.countTokensAsync(hot))
                            .param())
                    .isEqualTo("temperature");
        }
        assertThat(service.sent).isEmpty();
    }

    @Test
    void it_books_a_request_and_no_tokens() {
        List<QuotaRequest> booked = new ArrayList<>();
        try (KimiClient kimi = builder()
                .quota(request -> {
                    booked.add(request);
                    return QuotaDecision.granted(settled -> {
                        assertThat(settled.countedInputTokens()).isZero();
                        assertThat(settled.countedOutputTokens()).isZero();
                    });
                })
                .build()) {
            count(kimi, ALL, OF_KIMI);
        }

        assertThat(booked).singleElement().satisfies(request -> {
            assertThat(request.outputCap()).isZero();
            assertThat(request.bookedInputTokens()).isZero();
            assertThat(request.bookedOutputTokens()).isZero();
        });
    }

    @Test
    void it_is_retried_as_other_calls_are() {
        try (KimiClient kimi = builder().build()) {
            assertThat(count(kimi, ALL, new ClientFixture.Reply(500, "{}"), OF_KIMI))
                    .isCompletedWithValue(42L);
        }

        assertThat(service.sent).hasSize(2);
        assertThat(sent(1)).isEqualTo(sent(0));
    }

    @ParameterizedTest
    @CsvSource({"404, url.not_found", "405, method_not_allowed"})
    void a_service_without_such_a_count_fails_with_a_word_about_it(int status, String error) {
        try (KimiClient face =
                builder().baseUrl("https://api.moonshot.ai/anthropic").build()) {
            CompletableFuture<Long> count = count(
                    face,
                    ALL,
                    new ClientFixture.Reply(
                            status, "{\"code\":5,\"error\":\"" + error + "\",\"message\":\"没找到对象\",\"ua\":\"x\"}"));

            InvalidRequestException failure = failure(InvalidRequestException.class, count);
            assertThat(failure.status()).isEqualTo(status);
            assertThat(failure.reason()).isEqualTo(InvalidRequestException.Reason.NOT_OFFERED);
            assertThat(failure.fix()).contains("no count of tokens").doesNotContain("/v1");
            assertThat(failure.attempts()).isEqualTo(1);
        }
        assertThat(service.sent.get(0).target()).isEqualTo("/anthropic/v1/messages/count_tokens");
    }

    @Test
    void a_model_that_there_is_not_is_another_404() {
        try (KimiClient kimi = builder().build()) {
            CompletableFuture<Long> count = count(
                    kimi,
                    ALL,
                    new ClientFixture.Reply(
                            404,
                            "{\"error\":{\"message\":\"Not found the model kimi-k3 or Permission denied\","
                                    + "\"type\":\"resource_not_found_error\"}}"));

            assertThat(failure(InvalidRequestException.class, count).param()).isEqualTo("model");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "[]", "7", "{\"input_tokens\":\"many\"}", "{\"input_tokens\":-1}", "{\"data\":{}}", ""})
    void a_response_without_a_count_is_a_failure_and_no_zero(String body) {
        try (KimiClient kimi = builder().retryPolicy(RetryPolicy.never()).build();
                KimiClient claude = claude().retryPolicy(RetryPolicy.never()).build()) {
            ClientFixture.Reply reply = new ClientFixture.Reply(200, body);

            assertThat(failure(ServerException.class, count(kimi, ALL, reply))).hasMessageContaining("cannot be read");
            assertThat(failure(ServerException.class, count(claude, ALL, reply)))
                    .hasMessageContaining("cannot be read");
        }
    }

    @Test
    void both_forms_give_the_same_and_cancelling_aborts() {
        try (KimiClient kimi = KimiClient.builder()
                .credentials(CredentialsProvider.apiKey("sk-test"))
                .transport(new InstantTransport(OF_KIMI))
                .build()) {
            assertThat(kimi.countTokens(ALL)).isEqualTo(42);
            assertThat(kimi.countTokensAsync(ALL).join()).isEqualTo(42);
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> kimi.countTokens(ALL)).isInstanceOf(CallCancelledException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
        service.hold = true;
        try (KimiClient kimi = builder().build()) {
            kimi.countTokensAsync(ALL).cancel(true);

            assertThat(service.aborted).isEqualTo(1);
            assertThat(kimi.openCalls()).isEmpty();
        }
    }
}
