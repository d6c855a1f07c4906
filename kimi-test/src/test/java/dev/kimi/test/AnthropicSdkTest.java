package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.AnthropicServiceException;
import com.anthropic.errors.BadRequestException;
import com.anthropic.errors.NotFoundException;
import com.anthropic.errors.RateLimitException;
import com.anthropic.errors.SseException;
import com.anthropic.errors.UnauthorizedException;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.ErrorType;
import com.anthropic.models.messages.ContentBlock;
import com.anthropic.models.messages.ContentBlockParam;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCountTokensParams;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.StopReason;
import com.anthropic.models.messages.ThinkingConfigAdaptive;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolResultBlockParam;
import com.anthropic.models.messages.batches.BatchCreateParams;
import com.anthropic.models.messages.batches.MessageBatch;
import com.anthropic.models.messages.batches.MessageBatchIndividualResponse;
import com.anthropic.models.models.ModelInfo;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The vendor's own client finds in the simulator the service it was written for. */
class AnthropicSdkTest {

    private static final String MODEL = "claude-opus-5-5";

    private static KimiSimulator kimi;
    private static AnthropicClient client;

    @BeforeAll
    static void start() {
        kimi = KimiSimulator.builder().keys("sk-ant-test").start();
        client = client("sk-ant-test", 0);
    }

    @AfterAll
    static void stop() {
        client.close();
        kimi.close();
    }

    @BeforeEach
    void reset() {
        kimi.reset();
    }

    @Test
    void reads_a_text_whole_and_streamed() {
        kimi.reply(
                Reply.text("Blue, naïvely 蓝.").usage(20, 9, 5),
                Reply.text("Blue, naïvely 蓝.").usage(20, 9, 5));

        Message whole = client.messages().create(ask().build());
        Message streamed = stream(ask().build());

        for (Message message : List.of(whole, streamed)) {
            assertThat(message.content().get(0).asText().text()).isEqualTo("Blue, naïvely 蓝.");
            assertThat(message.stopReason()).hasValue(StopReason.END_TURN);
            assertThat(message.usage().inputTokens()).isEqualTo(15);
            assertThat(message.usage().cacheReadInputTokens()).hasValue(5L);
            assertThat(message.usage().outputTokens()).isEqualTo(9);
        }
        assertThat(kimi.requests().get(0).header("anthropic-version")).hasValue(Claude.LATEST);
    }

    @Test
    void carries_thinking_and_tools_through_a_loop_that_the_simulator_accepts() {
        for (int i = 0; i < 3; i++) {
            kimi.reply(Reply.reasoning("Step " + i + ".")
                    .thenText("Looking.")
                    .thenToolCall("look", "{\"at\":\"sky\"}")
                    .thenToolCall("look", "{\"at\":\"sea\"}"));
        }
        kimi.reply(Reply.text("Blue."));
        MessageCreateParams.Builder conversation = ask().system("Be brief.")
                .thinking(ThinkingConfigAdaptive.builder()
                        .display(ThinkingConfigAdaptive.Display.SUMMARIZED)
                        .build())
                .addTool(Tool.builder()
                        .name("look")
                        .inputSchema(Tool.InputSchema.builder().build())
                        .build());

        Message message = stream(conversation.build());
        for (int i = 0; message.stopReason().orElseThrow().equals(StopReason.TOOL_USE); i++) {
            assertThat(message.content().get(0).asThinking().thinking()).isEqualTo("Step " + i + ".");
            assertThat(message.content().get(0).asThinking().signature()).isNotEmpty();
            assertThat(message.content().get(2).asToolUse()._input().convert(Object.class))
                    .isEqualTo(Map.of("at", "sky"));
            conversation.addMessage(message);
            conversation.addUserMessageOfContentBlockParams(message.content().stream()
                    .filter(ContentBlock::isToolUse)
                    .map(block -> ContentBlockParam.ofToolResult(ToolResultBlockParam.builder()
                            .toolUseId(block.asToolUse().id())
                            .content("blue")
                            .build()))
                    .toList());
            message = i == 0 ? client.messages().create(conversation.build()) : stream(conversation.build());
        }

        assertThat(message.content().get(0).asText().text()).isEqualTo("Blue.");
        assertThat(kimi.requests()).hasSize(4);
    }

    @Test
    void tells_the_failures_apart() {
        kimi.reply(Reply.rateLimited(Duration.ofSeconds(7)), Reply.overloaded(), Reply.quotaExceeded());

        RateLimitException limited = catchThrowableOfType(
                RateLimitException.class, () -> client.messages().create(ask().build()));
        AnthropicServiceException overloaded = catchThrowableOfType(
                AnthropicServiceException.class, () -> client.messages().create(ask().build()));
        RateLimitException spent = catchThrowableOfType(
                RateLimitException.class, () -> client.messages().create(ask().build()));

        assertThat(limited.headers().values("retry-after")).containsExactly("7");
        assertThat(overloaded.statusCode()).isEqualTo(529);
        assertThat(spent.headers().values("retry-after")).isEmpty();
        assertThat(spent.errorCode()).hasValue("enforced_spend_limit_reached");
        assertThatThrownBy(() -> client.messages()
                        .create(ask().addAssistantMessage("The").build()))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("does not support assistant message prefill");
        assertThatThrownBy(() -> client.messages()
                        .create(ask().model("claude-3-opus-20240229").build()))
                .isInstanceOf(NotFoundException.class);
        AnthropicClient stranger = client("sk-wrong", 0);
        assertThatThrownBy(() -> stranger.messages().create(ask().build())).isInstanceOf(UnauthorizedException.class);
        stranger.close();
    }

    @ParameterizedTest
    @CsvSource({
        "400, invalid_request_error",
        "401, authentication_error",
        "402, billing_error",
        "403, permission_error",
        "404, not_found_error",
        "409, conflict_error",
        "413, request_too_large",
        "429, rate_limit_error",
        "500, api_error",
        "504, timeout_error",
        "529, overloaded_error"
    })
    void reads_each_type_of_error_with_its_request_id(int status, String type) {
        kimi.reply(Reply.error(status, type, "In words"));

        AnthropicServiceException failure = catchThrowableOfType(
                AnthropicServiceException.class, () -> client.messages().create(ask().build()));

        assertThat(failure.statusCode()).isEqualTo(status);
        assertThat(failure.type().map(ErrorType::asString)).hasValue(type);
        assertThat(failure.apiMessage()).hasValue("In words");
        assertThat(failure.requestId().orElseThrow()).startsWith("req_");
    }

    @Test
    void is_rejected_when_thinking_comes_back_in_another_conversation() {
        kimi.reply(Reply.reasoning("Hm.").thenText("Blue."), Reply.text("Green."));
        MessageCreateParams.Builder conversation = ask().system("Be brief.");
        Message thought = stream(conversation.build());
        conversation.addMessage(thought).addUserMessage("And?");

        assertThatThrownBy(() ->
                        client.messages().create(conversation.system("Be long.").build()))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("The block is bound to a different conversation.");
        assertThat(client.messages()
                        .create(conversation.system("Be brief.").build())
                        .content()
                        .get(0)
                        .asText()
                        .text())
                .isEqualTo("Green.");
    }

    @Test
    void may_sample_under_the_older_version_of_the_api_only() {
        MessageCreateParams older = ask("claude-sonnet-4-6")
                .putAdditionalHeader("anthropic-version", "2023-06-01")
                .putAdditionalBodyProperty("temperature", JsonValue.from(0.3))
                .build();
        MessageCreateParams latest = ask("claude-sonnet-4-6")
                .putAdditionalBodyProperty("temperature", JsonValue.from(0.3))
                .build();

        Message message = client.messages().create(older);

        assertThat(message.content()).isNotEmpty();
        assertThat(kimi.requests().get(0).header("anthropic-version")).hasValue("2023-06-01");
        assertThatThrownBy(() -> client.messages().create(latest))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("temperature: Extra inputs are not permitted");
    }

    @Test
    void may_send_its_key_as_bearer_or_in_a_header_of_its_own() {
        AnthropicClient named = AnthropicOkHttpClient.builder()
                .baseUrl(kimi.baseUrl())
                .putHeader("x-api-key", "sk-ant-test")
                .maxRetries(0)
                .build();

        client.messages().create(ask().build());
        named.messages().create(ask().build());
        named.close();

        assertThat(kimi.requests().get(0).header("authorization")).hasValue("Bearer sk-ant-test");
        assertThat(kimi.requests().get(0).header("x-api-key")).isEmpty();
        assertThat(kimi.requests().get(1).header("authorization")).isEmpty();
        assertThat(kimi.requests()).extracting(ReceivedRequest::status).containsExactly(200, 200);
    }

    @Test
    void does_not_try_a_spend_limit_again_but_an_overload() {
        kimi.reply(Reply.overloaded(), Reply.text("Blue."), Reply.quotaExceeded());
        AnthropicClient patient = client("sk-ant-test", 2);

        Message message = patient.messages().create(ask().build());

        assertThat(message.content().get(0).asText().text()).isEqualTo("Blue.");
        assertThat(kimi.requests()).hasSize(2);
        assertThatThrownBy(() -> patient.messages().create(ask().build())).isInstanceOf(RateLimitException.class);
        assertThat(kimi.requests()).hasSize(3);
        patient.close();
    }

    @Test
    void sees_an_error_within_a_stream() {
        kimi.reply(Reply.text("a b").errorEventAfter(4, "engine_overloaded_error", "Overloaded"));

        assertThatThrownBy(() -> stream(ask().build())).isInstanceOfSatisfying(SseException.class, failure -> {
            assertThat(failure.statusCode()).isEqualTo(200);
            assertThat(failure.type().map(ErrorType::asString)).hasValue("overloaded_error");
        });
    }

    @Test
    void counts_tokens_and_lists_models() {
        long counted = client.messages()
                .countTokens(MessageCountTokensParams.builder()
                        .model(MODEL)
                        .addUserMessage("hi")
                        .build())
                .inputTokens();
        List<ModelInfo> models = client.models().list().items();

        assertThat(counted).isEqualTo(6);
        assertThat(models).extracting(ModelInfo::id).contains(MODEL, "claude-haiku-4-5");
        assertThat(client.models().retrieve(MODEL).validate().maxInputTokens()).hasValue(1_000_000L);
    }

    @Test
    void runs_a_batch() {
        kimi.reply(Reply.text("one"), Reply.error(500, "api_error", "Internal server error"));

        MessageBatch created = client.messages()
                .batches()
                .create(BatchCreateParams.builder()
                        .addRequest(item("a"))
                        .addRequest(item("b"))
                        .build());
        MessageBatch ended = client.messages().batches().retrieve(created.id());

        assertThat(created.validate().processingStatus()).isEqualTo(MessageBatch.ProcessingStatus.IN_PROGRESS);
        assertThat(ended.validate().processingStatus()).isEqualTo(MessageBatch.ProcessingStatus.ENDED);
        try (StreamResponse<MessageBatchIndividualResponse> results =
                client.messages().batches().resultsStreaming(ended.id())) {
            List<MessageBatchIndividualResponse> all = results.stream().toList();
            assertThat(all).extracting(MessageBatchIndividualResponse::customId).containsExactly("b", "a");
            assertThat(all.get(0).result().isErrored()).isTrue();
            assertThat(all.get(1)
                            .result()
                            .asSucceeded()
                            .message()
                            .content()
                            .get(0)
                            .asText()
                            .text())
                    .isEqualTo("one");
        }
    }

    private static BatchCreateParams.Request item(String customId) {
        return BatchCreateParams.Request.builder()
                .customId(customId)
                .params(BatchCreateParams.Request.Params.builder()
                        .model(MODEL)
                        .maxTokens(500)
                        .addUserMessage("hi")
                        .build())
                .build();
    }

    private static AnthropicClient client(String key, int retries) {
        return AnthropicOkHttpClient.builder()
                .baseUrl(kimi.baseUrl())
                .apiKey(key)
                .maxRetries(retries)
                .build();
    }

    private static MessageCreateParams.Builder ask() {
        return ask(MODEL);
    }

    private static MessageCreateParams.Builder ask(String model) {
        return MessageCreateParams.builder().model(model).maxTokens(500).addUserMessage("What colour is it?");
    }

    private static Message stream(MessageCreateParams params) {
        MessageAccumulator accumulator = MessageAccumulator.create();
        try (StreamResponse<RawMessageStreamEvent> events = client.messages().createStreaming(params)) {
            events.stream().forEach(accumulator::accumulate);
        }
        return accumulator.message();
    }
}
