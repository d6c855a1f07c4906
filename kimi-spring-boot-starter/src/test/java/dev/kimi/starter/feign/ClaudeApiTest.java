package dev.kimi.starter.feign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.ServerException;
import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import dev.kimi.starter.feign.ClaudeApi.Batch;
import dev.kimi.starter.feign.ClaudeApi.BatchRequest;
import dev.kimi.starter.feign.ClaudeApi.BatchResult;
import dev.kimi.starter.feign.ClaudeApi.ContentBlock;
import dev.kimi.starter.feign.ClaudeApi.Message;
import dev.kimi.starter.feign.ClaudeApi.MessageParam;
import dev.kimi.starter.feign.ClaudeApi.MessageRequest;
import dev.kimi.starter.feign.ClaudeApi.Model;
import dev.kimi.starter.feign.ClaudeApi.Page;
import dev.kimi.starter.feign.autoconfigure.KimiFeignAutoConfiguration;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import dev.kimi.test.support.Eventually;
import feign.Logger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.openfeign.FeignAutoConfiguration;

/** Anthropic's service through Feign. */
@Timeout(60)
class ClaudeApiTest {

    private static final String MODEL = "claude-sonnet-5-5";
    private static final MessageRequest WHY =
            MessageRequest.of(MODEL, "Why is the sky blue?").withMaxTokens(2_000);

    private KimiSimulator service;
    private ApplicationContextRunner contexts;

    @BeforeEach
    void start() {
        service = KimiSimulator.builder().keys("sk-ant").start();
        contexts = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        KimiAutoConfiguration.class, FeignAutoConfiguration.class, KimiFeignAutoConfiguration.class))
                .withPropertyValues(
                        "kimi.clients.claude.protocol=anthropic",
                        "kimi.clients.claude.api-key=sk-ant",
                        "kimi.clients.claude.model=" + MODEL,
                        "kimi.clients.claude.base-url=" + service.baseUrl());
    }

    @AfterEach
    void stop() {
        service.awaitDisconnected(Duration.ofSeconds(20));
        service.close();
    }

    private void run(Consumer<ClaudeApi> test) {
        contexts.run(context -> {
            test.accept(context.getBean(ClaudeApi.class));
            // a close cancels, and waits for nothing
            KimiClient client = context.getBean(KimiClient.class);
            assertThat(Eventually.holds(
                            Duration.ofSeconds(20), () -> client.openCalls().isEmpty()))
                    .isTrue();
        });
    }

    @Test
    void a_message_has_the_client_s_key_version_and_betas_and_its_response_what_it_knows_and_the_rest() {
        service.reply(Reply.reasoning("Hm.").thenText("Rayleigh scattering."));
        contexts = contexts.withPropertyValues(
                "kimi.clients.claude.anthropic.beta=context-management-2025-06-27",
                "kimi.clients.claude.auth.header=x-api-key");
        run(claude -> {
            Message response = claude.messages(WHY.with("system", "You are terse."));

            assertThat(response.text()).isEqualTo("Rayleigh scattering.");
            assertThat(response.role()).isEqualTo("assistant");
            assertThat(response.stopReason()).isEqualTo("end_turn");
            assertThat(response.usage().outputTokens()).isPositive();
            assertThat(response.usage().more()).containsEntry("service_tier", "standard");
            assertThat(response.more()).containsEntry("type", "message");
            assertThat(response.toString()).doesNotContain("Rayleigh");
        });
        ReceivedRequest request = service.requests().get(0);
        assertThat(request.path()).isEqualTo("/v1/messages");
        assertThat(request.headers("x-api-key")).containsExactly("sk-ant");
        assertThat(request.headers("anthropic-version")).containsExactly("2026-10-21");
        assertThat(request.headers("anthropic-beta")).containsExactly("context-management-2025-06-27");
        assertThat(request.body())
                .containsEntry("model", MODEL)
                .containsEntry("max_tokens", 2_000)
                .containsEntry("system", "You are terse.")
                .doesNotContainKey("more");
    }

    /** The service checks that thinking comes back as it was. */
    @Test
    void blocks_go_back_as_they_came() {
        service.reply(
                Reply.reasoning("I look it up.").thenToolCall("look_up", "{\"page\":null}"),
                Reply.text("Because it scatters."));
        run(claude -> {
            Message first = claude.messages(WHY.with("tools", List.of(tool())));
            ContentBlock call = first.content().get(first.content().size() - 1);
            assertThat(call.type()).isEqualTo("tool_use");

            Map<String, Object> result =
                    Map.of("type", "tool_result", "tool_use_id", call.more().get("id"), "content", "blue");
            Message second = claude.messages(
                    WHY.with("tools", List.of(tool())).after(first, new MessageParam("user", List.of(result))));

            assertThat(second.text()).isEqualTo("Because it scatters.");
        });
        List<?> messages = (List<?>) service.requests().get(1).body().get("messages");
        assertThat(messages.get(1)).asString().contains("signature=", "input={page=null}");
    }

    private static Map<String, Object> tool() {
        return Map.of("name", "look_up", "input_schema", Map.of("type", "object"));
    }

    @Test
    void tokens_are_counted() {
        run(claude -> {
            assertThat(claude.countTokens(WHY.forCount()).inputTokens()).isPositive();
            assertThat(service.requests().get(0).body()).containsOnlyKeys("model", "messages");
        });
    }

    @Test
    void models_come_in_pages_and_by_name() {
        run(claude -> {
            Page<Model> first = claude.models(3, null);
            assertThat(first.data()).hasSize(3).allSatisfy(model -> {
                assertThat(model.maxInputTokens()).isPositive();
                assertThat(model.createdAt()).isNotNull();
                assertThat(model.more()).containsKey("capabilities");
            });
            assertThat(first.hasMore()).isTrue();
            assertThat(claude.models(3, first.lastId()).data())
                    .doesNotContainAnyElementsOf(first.data())
                    .isNotEmpty();
            assertThat(claude.model(MODEL).displayName()).isNotBlank();
        });
        assertThat(service.requests().get(0).query()).isEqualTo("limit=3");
    }

    @Test
    void a_batch_is_created_found_read_line_by_line_and_deleted() {
        service.reply(Reply.text("Rayleigh scattering."));
        run(claude -> {
            Batch created = claude.createBatch(BatchRequest.of(Map.of("sky", WHY, "bad", WHY.with("temperature", 1))));
            Batch ended = awaitEnd(claude, created.id());
            assertThat(created.createdAt()).isBeforeOrEqualTo(ended.endedAt());
            assertThat(ended.requestCounts().succeeded()).isEqualTo(1);
            assertThat(ended.requestCounts().errored()).isEqualTo(1);
            assertThat(ended.resultsUrl()).endsWith("/results");
            assertThat(ended.more()).containsEntry("type", "message_batch");

            Map<String, BatchResult> results = new HashMap<>();
            try (Stream<BatchResult> lines = claude.batchResults(created.id())) {
                lines.forEach(line -> results.put(line.customId(), line));
            }
            assertThat(results.get("sky").result().message().text()).isEqualTo("Rayleigh scattering.");
            assertThat(results.get("bad").result().type()).isEqualTo("errored");
            assertThat(results.get("bad").result().error()).asString().contains("temperature");

            assertThat(claude.deleteBatch(created.id()).id()).isEqualTo(created.id());
            assertThatThrownBy(() -> claude.batch(created.id())).isInstanceOf(InvalidRequestException.class);
        });
    }

    private static Batch awaitEnd(ClaudeApi claude, String id) {
        Batch batch = claude.batch(id);
        while (!batch.ended()) {
            Thread.onSpinWait();
            batch = claude.batch(id);
        }
        return batch;
    }

    @Test
    void batches_are_cancelled_and_listed_in_pages() {
        service.otherwise(Reply.text("never").stallBeforeHeaders());
        run(claude -> {
            Batch first = claude.createBatch(BatchRequest.of(Map.of("a", WHY)));
            Batch second = claude.createBatch(BatchRequest.of(Map.of("a", WHY)));
            Batch third = claude.createBatch(BatchRequest.of(Map.of("a", WHY)));

            Page<Batch> page = claude.batches(2, null);
            assertThat(page.data()).extracting(Batch::id).containsExactly(third.id(), second.id());
            assertThat(page.hasMore()).isTrue();
            Page<Batch> rest = claude.batches(2, page.lastId());
            assertThat(rest.data()).extracting(Batch::id).containsExactly(first.id());
            assertThat(rest.hasMore()).isFalse();

            assertThat(claude.cancelBatch(first.id()).processingStatus()).isEqualTo("canceling");
            assertThat(awaitEnd(claude, first.id()).requestCounts().canceled()).isEqualTo(1);
            assertThatThrownBy(() -> claude.batchResults(second.id()))
                    .isInstanceOfSatisfying(
                            InvalidRequestException.class,
                            failure -> assertThat(failure.status()).isEqualTo(400));
        });
    }

    @Test
    void results_closed_early_leave_no_call_open() {
        run(claude -> {
            String id = ended(claude, 500, "A text of some length. ".repeat(400));
            try (Stream<BatchResult> results = claude.batchResults(id)) {
                assertThat(results.limit(2)).hasSize(2);
            }
            try (Stream<BatchResult> unread = claude.batchResults(id)) {
                assertThat(unread).isNotNull();
            }
        });
    }

    private String ended(ClaudeApi claude, int items, String text) {
        service.otherwise(Reply.text(text));
        Map<String, MessageRequest> requests = new LinkedHashMap<>();
        for (int i = 0; i < items; i++) {
            requests.put("item-" + i, WHY);
        }
        String id = claude.createBatch(BatchRequest.of(requests)).id();
        awaitEnd(claude, id);
        return id;
    }

    @Test
    void all_of_many_results_are_read_once_and_logging_does_not_collect_them() {
        contexts = contexts.withBean(Captured.class)
                .withPropertyValues("spring.cloud.openfeign.client.config.default.logger-level=FULL");
        contexts.run(context -> {
            ClaudeApi claude = context.getBean(ClaudeApi.class);
            String id = ended(claude, 500, "s3cret");
            List<String> ids = new ArrayList<>();
            try (Stream<BatchResult> results = claude.batchResults(id)) {
                results.forEach(result -> ids.add(result.customId()));
            }
            assertThat(ids).hasSize(500).doesNotHaveDuplicates();
            assertThat(context.getBean(Captured.class).lines)
                    .anyMatch(line -> line.contains("/results"))
                    .noneMatch(line -> line.contains("s3cret"));
        });
    }

    @Test
    void failures_are_the_engine_s() {
        service.reply(Reply.status(500, "{}"), Reply.text("Hello."));
        contexts = contexts.withPropertyValues("kimi.retry.preset=classic", "kimi.retry.min-delay=1ms");
        run(claude -> {
            assertThat(claude.messages(WHY).text()).isEqualTo("Hello.");
            assertThatThrownBy(() -> claude.messages(MessageRequest.of(MODEL, "Why?")))
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("max_tokens");
            service.reply(Reply.rateLimited(Duration.ofDays(1)));
            assertThatThrownBy(() -> claude.messages(WHY)).isInstanceOf(RateLimitException.class);
        });
        contexts = contexts.withPropertyValues("kimi.clients.claude.api-key=sk-wrong");
        run(claude -> assertThatThrownBy(() -> claude.batches(1, null)).isInstanceOf(AuthenticationException.class));
    }

    @Test
    void a_stream_cannot_be_asked_for() {
        assertThatThrownBy(() -> WHY.with("stream", true)).isInstanceOf(IllegalArgumentException.class);
        assertThat(WHY.toString()).doesNotContain("sky");
        assertThat(MessageParam.of("user", "s3cret").toString()).doesNotContain("s3cret");
    }

    static final class Captured extends Logger {
        private final Queue<String> lines = new ConcurrentLinkedQueue<>();

        @Override
        protected void log(String configKey, String format, Object... args) {
            lines.add(String.format(methodTag(configKey) + format, args));
        }
    }

    /** A line that is none of ours. */
    @Test
    void a_line_of_another_shape_fails_without_being_quoted_and_closes_the_response() {
        try (LinesService lines = new LinesService("{\"custom_id\":\"a\"}\n{\"custom_id\":[\"s3cret\"]}\n{}\n")) {
            contexts = contexts.withPropertyValues("kimi.clients.claude.base-url=" + lines.baseUrl());
            run(claude -> {
                try (Stream<BatchResult> results = claude.batchResults("b-1")) {
                    List<String> ids = new ArrayList<>();
                    assertThatThrownBy(() -> results.forEach(result -> ids.add(result.customId())))
                            .isInstanceOf(ServerException.class)
                            .hasMessageContaining("does not fit")
                            .hasMessageNotContaining("s3cret")
                            .hasNoCause();
                    assertThat(ids).containsExactly("a");
                }
            });
        }
    }
}
