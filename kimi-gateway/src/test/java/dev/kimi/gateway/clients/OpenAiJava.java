package dev.kimi.gateway.clients;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.OpenAIException;
import com.openai.errors.OpenAIServiceException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.ReasoningEffort;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionAssistantMessageParam;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionContentPart;
import com.openai.models.chat.completions.ChatCompletionContentPartImage;
import com.openai.models.chat.completions.ChatCompletionContentPartText;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionMessageToolCall;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.models.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** OpenAI's client for Java. */
final class OpenAiJava implements ForeignClient {

    private final OpenAIClient client;
    private final OpenAIClient patient;

    OpenAiJava(String url) {
        this.client = client(url, 0);
        this.patient = client(url, 1);
    }

    private static OpenAIClient client(String url, int retries) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(url + "/v1")
                .apiKey("sk-client")
                .maxRetries(retries)
                .build();
    }

    @Override
    public String name() {
        return "openai-java";
    }

    @Override
    public boolean speaksMessages() {
        return false;
    }

    @Override
    public String run(ForeignCase foreignCase, String model) {
        return switch (foreignCase) {
            case TEXT -> said(create(ask(model)));
            case STREAM, PINGED -> said(stream(ask(model)).completion());
            case THINKING -> thinking(model);
            case TOOLS -> tools(model);
            case IMAGE -> text(create(image(model)));
            case LIMITED, REJECTED, UNKNOWN_MODEL -> failure(client, model);
            case SPENT -> failure(patient, model);
            case RETRIED -> text(patient.chat().completions().create(ask(model).build()));
            case CUT, ERROR_EVENT -> broken(model);
            case MODELS -> models();
            case COUNT -> throw new UnsupportedOperationException("chat completions have no count of tokens");
        };
    }

    private static ChatCompletionCreateParams.Builder ask(String model) {
        return ChatCompletionCreateParams.builder()
                .model(model)
                .maxCompletionTokens(500)
                .addUserMessage("What colour is it?");
    }

    private static ChatCompletionCreateParams.Builder image(String model) {
        return ChatCompletionCreateParams.builder()
                .model(model)
                .maxCompletionTokens(500)
                .addUserMessageOfArrayOfContentParts(List.of(
                        ChatCompletionContentPart.ofText(ChatCompletionContentPartText.builder()
                                .text("What is it?")
                                .build()),
                        ChatCompletionContentPart.ofImageUrl(ChatCompletionContentPartImage.builder()
                                .imageUrl(ChatCompletionContentPartImage.ImageUrl.builder()
                                        .url("data:image/png;base64," + ForeignClientsTest.PNG)
                                        .build())
                                .build())));
    }

    private String thinking(String model) {
        ChatCompletionCreateParams.Builder thoughtful = ask(model).reasoningEffort(ReasoningEffort.HIGH);
        String whole = reasoning(create(thoughtful).choices().get(0).message());
        Streamed streamed = stream(thoughtful);
        return whole + "/" + streamed.reasoning() + " " + text(streamed.completion());
    }

    private String tools(String model) {
        ChatCompletionCreateParams.Builder conversation = ask(model).addTool(tool());
        int rounds = 0;
        while (true) {
            boolean streamed = rounds % 2 == 1;
            Streamed turn = streamed ? stream(conversation) : whole(conversation);
            ChatCompletionMessage message = turn.completion().choices().get(0).message();
            List<ChatCompletionMessageToolCall> calls = message.toolCalls().orElse(List.of());
            if (calls.isEmpty()) {
                return rounds + " rounds " + text(turn.completion());
            }
            String arguments = calls.stream()
                    .map(call -> call.asFunction().function().arguments())
                    .collect(Collectors.joining());
            if (!arguments.equals("{\"at\":\"sky\"}{\"at\":\"sea\"}")) {
                return "wrong arguments " + arguments;
            }
            rounds++;
            conversation.addMessage(ChatCompletionAssistantMessageParam.builder()
                    .content(message.content().orElse(""))
                    .toolCalls(calls)
                    .putAdditionalProperty("reasoning_content", JsonValue.from(turn.reasoning()))
                    .build());
            calls.forEach(call -> conversation.addMessage(ChatCompletionToolMessageParam.builder()
                    .toolCallId(call.asFunction().id())
                    .content("blue")
                    .build()));
        }
    }

    private static ChatCompletionFunctionTool tool() {
        return ChatCompletionFunctionTool.builder()
                .function(FunctionDefinition.builder()
                        .name("look")
                        .parameters(FunctionParameters.builder()
                                .putAdditionalProperty("type", JsonValue.from("object"))
                                .build())
                        .build())
                .build();
    }

    private static String failure(OpenAIClient client, String model) {
        try {
            return said(client.chat().completions().create(ask(model).build()));
        } catch (OpenAIServiceException e) {
            List<String> wait = e.headers().values("retry-after");
            return e.statusCode() + (wait.isEmpty() ? "" : " after " + wait.get(0));
        }
    }

    private String broken(String model) {
        int chunks = 0;
        try (StreamResponse<ChatCompletionChunk> events =
                client.chat().completions().createStreaming(ask(model).build())) {
            for (var all = events.stream().iterator(); all.hasNext(); all.next()) {
                chunks++;
            }
            return "a whole stream of " + chunks;
        } catch (OpenAIException e) {
            return (chunks > 0 ? "begun" : "nothing") + ", then an error";
        }
    }

    private String models() {
        List<String> ids =
                client.models().list().items().stream().map(Model::id).toList();
        return ForeignClientsTest.bothOf(ids);
    }

    private ChatCompletion create(ChatCompletionCreateParams.Builder params) {
        return client.chat().completions().create(params.build()).validate();
    }

    private Streamed whole(ChatCompletionCreateParams.Builder params) {
        ChatCompletion completion = create(params);
        return new Streamed(completion, reasoning(completion.choices().get(0).message()));
    }

    private record Streamed(ChatCompletion completion, String reasoning) {}

    private Streamed stream(ChatCompletionCreateParams.Builder params) {
        ChatCompletionStreamOptions options =
                ChatCompletionStreamOptions.builder().includeUsage(true).build();
        ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
        List<ChatCompletionChunk> chunks = new ArrayList<>();
        try (StreamResponse<ChatCompletionChunk> events = client.chat()
                .completions()
                .createStreaming(
                        params.build().toBuilder().streamOptions(options).build())) {
            events.stream().forEach(chunk -> chunks.add(chunk.validate()));
        }
        chunks.forEach(accumulator::accumulate);
        String reasoning = chunks.stream()
                .flatMap(chunk -> chunk.choices().stream())
                .map(choice -> choice.delta()._allProperties().get("reasoning_content"))
                .filter(piece -> piece != null)
                .map(piece -> piece.convert(String.class))
                .collect(Collectors.joining());
        return new Streamed(accumulator.chatCompletion(), reasoning);
    }

    private static String reasoning(ChatCompletionMessage message) {
        JsonValue value = message._allProperties().get("reasoning_content");
        return value == null ? "" : value.convert(String.class);
    }

    private static String text(ChatCompletion completion) {
        return completion.choices().get(0).message().content().orElse("");
    }

    private static String said(ChatCompletion completion) {
        var usage = completion.usage().orElseThrow();
        return text(completion) + " " + usage.promptTokens() + "/" + usage.completionTokens();
    }

    @Override
    public void close() {
        client.close();
        patient.close();
    }
}
