package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.PermissionDeniedException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletion.Choice.FinishReason;
import com.openai.models.chat.completions.ChatCompletionAssistantMessageParam;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionMessageToolCall;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.models.Model;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** OpenAI's own client finds in the simulator a service that it can talk to, as it does in Kimi. */
class OpenAiSdkTest {

    private static final String MODEL = "kimi-k3";

    private static KimiSimulator kimi;
    private static OpenAIClient client;

    @BeforeAll
    static void start() {
        kimi = KimiSimulator.builder().keys("sk-test").start();
        client = client("sk-test", 0);
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
        Reply reply =
                Reply.reasoning("It sçatters.").thenText("Blue, naïvely 蓝.").usage(20, 9, 5);
        kimi.reply(reply, reply);

        ChatCompletion whole = client.chat().completions().create(ask().build());
        Streamed streamed = stream(ask());

        for (ChatCompletion completion : List.of(whole, streamed.completion())) {
            ChatCompletion.Choice choice = completion.choices().get(0);
            assertThat(choice.message().content()).hasValue("Blue, naïvely 蓝.");
            assertThat(choice.finishReason()).isEqualTo(FinishReason.STOP);
            assertThat(completion.model()).isEqualTo(MODEL);
            assertThat(completion.usage().orElseThrow().promptTokens()).isEqualTo(20);
            assertThat(completion.usage().orElseThrow().completionTokens()).isEqualTo(9);
            assertThat(completion
                            .usage()
                            .orElseThrow()
                            .promptTokensDetails()
                            .orElseThrow()
                            .cachedTokens())
                    .hasValue(5L);
        }
        assertThat(reasoning(whole.choices().get(0).message())).isEqualTo("It sçatters.");
        assertThat(streamed.reasoning()).isEqualTo("It sçatters.");
        assertThat(whole.validate()).isSameAs(whole);
    }

    @Test
    void a_stream_without_options_has_its_usage_in_the_last_choice() {
        kimi.reply(Reply.text("Blue.").usage(20, 9, 0));

        List<ChatCompletionChunk> chunks = chunks(ask().build());

        assertThat(chunks).noneMatch(chunk -> chunk.usage().isPresent());
        assertThat(chunks.get(chunks.size() - 1)
                        .choices()
                        .get(0)
                        ._allProperties()
                        .get("usage")
                        .convert(Object.class))
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsEntry("total_tokens", 29);
    }

    @Test
    void carries_tools_and_reasoning_through_a_loop_that_the_simulator_accepts() {
        for (int i = 0; i < 3; i++) {
            kimi.reply(Reply.reasoning("Step " + i + ".")
                    .thenText("Looking.")
                    .thenToolCall("look", "{\"at\": \"sky\"}")
                    .thenToolCall("look", "{\"at\": \"sea\"}"));
        }
        kimi.reply(Reply.text("Blue."));
        ChatCompletionCreateParams.Builder conversation = ask().addTool(tool("look"));

        for (int i = 0; i < 3; i++) {
            ChatCompletionMessage message;
            String reasoning;
            if (i == 1) {
                Streamed streamed = stream(conversation);
                message = streamed.completion().choices().get(0).message();
                reasoning = streamed.reasoning();
            } else {
                message = create(conversation).choices().get(0).message();
                reasoning = reasoning(message);
            }
            List<ChatCompletionMessageToolCall> calls = message.toolCalls().orElseThrow();

            assertThat(reasoning).isEqualTo("Step " + i + ".");
            assertThat(calls)
                    .extracting(call -> call.asFunction().function().arguments())
                    .containsExactly("{\"at\": \"sky\"}", "{\"at\": \"sea\"}");
            assertThat(calls).extracting(call -> call.asFunction().id()).doesNotHaveDuplicates();
            conversation.addMessage(ChatCompletionAssistantMessageParam.builder()
                    .content(message.content().orElseThrow())
                    .toolCalls(calls)
                    .putAdditionalProperty("reasoning_content", JsonValue.from(reasoning))
                    .build());
            calls.forEach(call -> conversation.addMessage(ChatCompletionToolMessageParam.builder()
                    .toolCallId(call.asFunction().id())
                    .content("blue")
                    .build()));
        }
        ChatCompletion last = create(conversation);

        assertThat(last.choices().get(0).message().content()).hasValue("Blue.");
        assertThat(last.choices().get(0).finishReason()).isEqualTo(FinishReason.STOP);
        assertThat(kimi.requests()).hasSize(4);
    }

    @Test
    void learns_that_reasoning_must_come_back_and_results_must_follow_their_calls() {
        kimi.reply(Reply.reasoning("Look.").thenToolCall("look", "{}"));
        ChatCompletionMessage message =
                create(ask().addTool(tool("look"))).choices().get(0).message();

        assertThatThrownBy(() ->
                        create(ask().addTool(tool("look")).addMessage(message).addMessage(result(message))))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("reasoning_content is missing in assistant tool call message");
        assertThatThrownBy(() -> create(ask().addTool(tool("look"))
                        .addMessage(ChatCompletionAssistantMessageParam.builder()
                                .toolCalls(message.toolCalls().orElseThrow())
                                .putAdditionalProperty("reasoning_content", JsonValue.from("Look."))
                                .build())
                        .addUserMessage("And?")))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("tool_call");
    }

    @Test
    void tells_the_failures_apart() {
        kimi.reply(
                Reply.rateLimited(Duration.ofSeconds(7)),
                Reply.overloaded(),
                Reply.quotaExceeded(),
                Reply.unavailable(),
                Reply.gatewayTimeout(),
                Reply.contentFiltered(),
                Reply.error(403, "permission_denied_error", "The API you are accessing is not open"));

        RateLimitException limited = failure(RateLimitException.class, ask());
        RateLimitException overloaded = failure(RateLimitException.class, ask());
        RateLimitException spent = failure(RateLimitException.class, ask());

        assertThat(limited.headers().values("retry-after")).containsExactly("7");
        assertThat(limited.type()).hasValue("rate_limit_reached_error");
        assertThat(overloaded.type()).hasValue("engine_overloaded_error");
        assertThat(spent.type()).hasValue("exceeded_current_quota_error");
        assertThat(spent.headers().values("retry-after")).isEmpty();
        assertThat(failure(InternalServerException.class, ask()).statusCode()).isEqualTo(503);
        assertThat(failure(InternalServerException.class, ask()).statusCode()).isEqualTo(504);
        assertThat(failure(BadRequestException.class, ask()).type()).hasValue("content_filter");
        assertThat(failure(PermissionDeniedException.class, ask()).statusCode()).isEqualTo(403);
        assertThat(failure(BadRequestException.class, ask().temperature(0.2)).type())
                .hasValue("invalid_request_error");
        assertThat(failure(NotFoundException.class, ask().model("kimi-k2-0905-preview"))
                        .type())
                .hasValue("resource_not_found_error");
        OpenAIClient stranger = client("sk-wrong", 0);
        assertThatThrownBy(() -> stranger.chat().completions().create(ask().build()))
                .isInstanceOf(UnauthorizedException.class);
        stranger.close();
    }

    @Test
    void waits_as_long_as_the_header_says_and_tries_again() {
        kimi.reply(
                Reply.rateLimited(Duration.ofSeconds(1)).header("Retry-After-Ms", "1"),
                Reply.unavailable().header("Retry-After-Ms", "1"),
                Reply.text("Blue."));
        OpenAIClient patient = client("sk-test", 2);

        ChatCompletion completion = patient.chat().completions().create(ask().build());

        assertThat(completion.choices().get(0).message().content()).hasValue("Blue.");
        assertThat(kimi.requests()).hasSize(3);
        patient.close();
    }

    @Test
    void sees_an_error_within_a_stream() {
        kimi.reply(Reply.text("a b").errorEventAfter(2, "engine_overloaded_error", "Overloaded"));

        assertThatThrownBy(() -> stream(ask()))
                .isInstanceOf(OpenAIServiceException.class)
                .hasMessageContaining("Overloaded");
    }

    @Test
    void stops_at_the_output_cap_and_at_a_stop_sequence() {
        String all = create(ask()).choices().get(0).message().content().orElseThrow();
        String word = all.split(" ")[3];

        ChatCompletion capped = create(ask().maxCompletionTokens(5));
        ChatCompletion stopped = create(ask().stop(word));

        assertThat(capped.choices().get(0).finishReason()).isEqualTo(FinishReason.LENGTH);
        assertThat(capped.usage().orElseThrow().completionTokens()).isEqualTo(5);
        assertThat(stopped.choices().get(0).message().content()).hasValue(all.substring(0, all.indexOf(word)));
        assertThat(stopped.choices().get(0).finishReason()).isEqualTo(FinishReason.STOP);
    }

    @Test
    void lists_models() {
        List<Model> models = client.models().list().items();

        assertThat(models).extracting(Model::id).contains(MODEL);
        assertThat(models).allSatisfy(Model::validate);
        assertThat(models.stream()
                        .filter(model -> model.id().equals(MODEL))
                        .map(model -> model._allProperties().get("context_length"))
                        .map(length -> length.convert(Integer.class)))
                .containsExactly(1_048_576);
    }

    private record Streamed(ChatCompletion completion, String reasoning) {}

    private static Streamed stream(ChatCompletionCreateParams.Builder params) {
        ChatCompletionStreamOptions options =
                ChatCompletionStreamOptions.builder().includeUsage(true).build();
        ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
        List<ChatCompletionChunk> chunks =
                chunks(params.build().toBuilder().streamOptions(options).build());
        chunks.forEach(accumulator::accumulate);
        String reasoning = chunks.stream()
                .flatMap(chunk -> chunk.choices().stream())
                .map(choice -> choice.delta()._allProperties().get("reasoning_content"))
                .filter(piece -> piece != null)
                .map(piece -> piece.convert(String.class))
                .collect(Collectors.joining());
        return new Streamed(accumulator.chatCompletion(), reasoning);
    }

    private static List<ChatCompletionChunk> chunks(ChatCompletionCreateParams params) {
        List<ChatCompletionChunk> chunks = new ArrayList<>();
        try (StreamResponse<ChatCompletionChunk> events =
                client.chat().completions().createStreaming(params)) {
            events.stream().forEach(chunk -> chunks.add(chunk.validate()));
        }
        return chunks;
    }

    private static ChatCompletion create(ChatCompletionCreateParams.Builder params) {
        return client.chat().completions().create(params.build());
    }

    private static <T extends OpenAIServiceException> T failure(
            Class<T> type, ChatCompletionCreateParams.Builder params) {
        return catchThrowableOfType(type, () -> create(params));
    }

    private static String reasoning(ChatCompletionMessage message) {
        return message._allProperties().get("reasoning_content").convert(String.class);
    }

    private static ChatCompletionToolMessageParam result(ChatCompletionMessage message) {
        return ChatCompletionToolMessageParam.builder()
                .toolCallId(
                        message.toolCalls().orElseThrow().get(0).asFunction().id())
                .content("blue")
                .build();
    }

    private static ChatCompletionFunctionTool tool(String name) {
        return ChatCompletionFunctionTool.builder()
                .function(FunctionDefinition.builder()
                        .name(name)
                        .parameters(FunctionParameters.builder()
                                .putAdditionalProperty("type", JsonValue.from("object"))
                                .build())
                        .build())
                .build();
    }

    private static OpenAIClient client(String key, int retries) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(kimi.baseUrl() + "/v1")
                .apiKey(key)
                .maxRetries(retries)
                .build();
    }

    private static ChatCompletionCreateParams.Builder ask() {
        return ChatCompletionCreateParams.builder().model(MODEL).addUserMessage("What colour is it?");
    }
}
