package dev.kimi.gateway.clients;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.AnthropicException;
import com.anthropic.errors.AnthropicServiceException;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.Base64ImageSource;
import com.anthropic.models.messages.ContentBlock;
import com.anthropic.models.messages.ContentBlockParam;
import com.anthropic.models.messages.ImageBlockParam;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCountTokensParams;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.TextBlockParam;
import com.anthropic.models.messages.ThinkingConfigAdaptive;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolResultBlockParam;
import com.anthropic.models.models.ModelInfo;
import java.util.List;
import java.util.stream.Collectors;

/** Anthropic's client for Java. */
final class AnthropicJava implements ForeignClient {

    private final AnthropicClient client;
    private final AnthropicClient patient;

    AnthropicJava(String url) {
        this.client = client(url, 0);
        this.patient = client(url, 1);
    }

    private static AnthropicClient client(String url, int retries) {
        return AnthropicOkHttpClient.builder()
                .baseUrl(url)
                .apiKey("sk-client")
                .maxRetries(retries)
                .build();
    }

    @Override
    public String name() {
        return "anthropic-java";
    }

    @Override
    public boolean speaksMessages() {
        return true;
    }

    @Override
    public String run(ForeignCase foreignCase, String model) {
        return switch (foreignCase) {
            case TEXT -> said(create(ask(model)));
            case STREAM, PINGED -> said(stream(ask(model)));
            case THINKING -> thinking(model);
            case TOOLS -> tools(model);
            case IMAGE -> text(create(image(model)));
            case LIMITED, REJECTED, UNKNOWN_MODEL -> failure(client, model);
            case SPENT -> failure(patient, model);
            case RETRIED -> text(patient.messages().create(ask(model).build()));
            case CUT, ERROR_EVENT -> broken(model);
            case MODELS -> models();
            case COUNT -> count(model);
        };
    }

    private static MessageCreateParams.Builder ask(String model) {
        return MessageCreateParams.builder().model(model).maxTokens(500).addUserMessage("What colour is it?");
    }

    private static MessageCreateParams.Builder thoughtful(String model) {
        return ask(model)
                .thinking(ThinkingConfigAdaptive.builder()
                        .display(ThinkingConfigAdaptive.Display.SUMMARIZED)
                        .build());
    }

    private static MessageCreateParams.Builder image(String model) {
        return MessageCreateParams.builder()
                .model(model)
                .maxTokens(500)
                .addUserMessageOfContentBlockParams(List.of(
                        ContentBlockParam.ofText(
                                TextBlockParam.builder().text("What is it?").build()),
                        ContentBlockParam.ofImage(ImageBlockParam.builder()
                                .source(Base64ImageSource.builder()
                                        .mediaType(Base64ImageSource.MediaType.IMAGE_PNG)
                                        .data(ForeignClientsTest.PNG)
                                        .build())
                                .build())));
    }

    private String thinking(String model) {
        Message whole = create(thoughtful(model));
        Message streamed = stream(thoughtful(model));
        return thought(whole) + "/" + thought(streamed) + " " + text(streamed);
    }

    private static String thought(Message message) {
        return message.content().stream()
                .flatMap(block -> block.thinking().stream())
                .map(block -> block.thinking())
                .collect(Collectors.joining());
    }

    private String tools(String model) {
        MessageCreateParams.Builder conversation = thoughtful(model)
                .addTool(Tool.builder()
                        .name("look")
                        .inputSchema(Tool.InputSchema.builder().build())
                        .build());
        int rounds = 0;
        while (true) {
            Message message = rounds % 2 == 1 ? stream(conversation) : create(conversation);
            List<ContentBlock> calls =
                    message.content().stream().filter(ContentBlock::isToolUse).toList();
            if (calls.isEmpty()) {
                return rounds + " rounds " + text(message);
            }
            String arguments = calls.stream()
                    .map(call -> String.valueOf(call.asToolUse()._input().convert(Object.class)))
                    .collect(Collectors.joining());
            if (!arguments.equals("{at=sky}{at=sea}")) {
                return "wrong arguments " + arguments;
            }
            rounds++;
            conversation.addMessage(message);
            conversation.addUserMessageOfContentBlockParams(calls.stream()
                    .map(call -> ContentBlockParam.ofToolResult(ToolResultBlockParam.builder()
                            .toolUseId(call.asToolUse().id())
                            .content("blue")
                            .build()))
                    .toList());
        }
    }

    private static String failure(AnthropicClient client, String model) {
        try {
            return said(client.messages().create(ask(model).build()));
        } catch (AnthropicServiceException e) {
            List<String> wait = e.headers().values("retry-after");
            return e.statusCode() + (wait.isEmpty() ? "" : " after " + wait.get(0));
        }
    }

    private String broken(String model) {
        int events = 0;
        try (StreamResponse<RawMessageStreamEvent> stream =
                client.messages().createStreaming(ask(model).build())) {
            for (var all = stream.stream().iterator(); all.hasNext(); all.next()) {
                events++;
            }
            return "a whole stream of " + events;
        } catch (AnthropicException e) {
            return (events > 0 ? "begun" : "nothing") + ", then an error";
        }
    }

    private String models() {
        List<String> ids =
                client.models().list().autoPager().stream().map(ModelInfo::id).toList();
        return ForeignClientsTest.bothOf(ids);
    }

    private String count(String model) {
        long tokens = client.messages()
                .countTokens(MessageCountTokensParams.builder()
                        .model(model)
                        .addUserMessage("What colour is it?")
                        .build())
                .inputTokens();
        return tokens > 0 ? "counted" : "no tokens";
    }

    private Message create(MessageCreateParams.Builder params) {
        return client.messages().create(params.build()).validate();
    }

    private Message stream(MessageCreateParams.Builder params) {
        MessageAccumulator accumulator = MessageAccumulator.create();
        try (StreamResponse<RawMessageStreamEvent> events = client.messages().createStreaming(params.build())) {
            events.stream().forEach(event -> accumulator.accumulate(event.validate()));
        }
        return accumulator.message();
    }

    private static String text(Message message) {
        return message.content().stream()
                .flatMap(block -> block.text().stream())
                .map(block -> block.text())
                .collect(Collectors.joining());
    }

    private static String said(Message message) {
        var usage = message.usage();
        long input = usage.inputTokens() + usage.cacheReadInputTokens().orElse(0L);
        return text(message) + " " + input + "/" + usage.outputTokens();
    }

    @Override
    public void close() {
        client.close();
        patient.close();
    }
}
