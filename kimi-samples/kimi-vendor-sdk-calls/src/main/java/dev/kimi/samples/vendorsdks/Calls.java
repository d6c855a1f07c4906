package dev.kimi.samples.vendorsdks;

import com.anthropic.client.AnthropicClient;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.openai.client.OpenAIClient;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.kimi.KimiClient;
import dev.kimi.vendor.openai.KimiOpenAi;
import java.util.concurrent.CompletableFuture;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;

/** A whole response, streams, a stream that is closed early and a future that is cancelled, printed to the terminal. */
@Component
final class Calls implements ApplicationRunner {

    private final OpenAIClient openAi;
    private final AnthropicClient anthropic;
    private final KimiClient kimi;
    private final KimiClient claude;
    private final Measured measured;

    Calls(
            OpenAIClient openAi,
            AnthropicClient anthropic,
            KimiClient kimi,
            @Qualifier("claude") KimiClient claude,
            Measured measured) {
        this.openAi = openAi;
        this.anthropic = anthropic;
        this.kimi = kimi;
        this.claude = claude;
        this.measured = measured;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        print(
                "openai-java, whole",
                () -> openAi.chat()
                        .completions()
                        .create(question("Why does ice float?"))
                        .choices()
                        .get(0)
                        .message()
                        .content()
                        .orElse(""));
        print("openai-java, streamed", this::streamed);
        print("openai-java, closed early", this::closedEarly);
        print("openai-java, future cancelled", this::cancelled);
        print("anthropic-java, whole", () -> text(anthropic.messages().create(message("Why does ice float?"))));
        print("anthropic-java, streamed", this::streamedByAnthropic);
        measured.print();
    }

    private String streamed() {
        StringBuilder text = new StringBuilder();
        try (var stream = openAi.chat().completions().createStreaming(question("And if it sank?"))) {
            stream.stream().forEach(chunk -> text.append(content(chunk)));
        }
        return text.toString();
    }

    private String closedEarly() {
        try (var stream = openAi.chat().completions().createStreaming(question("Tell me all of it."))) {
            String first = stream.stream()
                    .map(Calls::content)
                    .filter(text -> !text.isEmpty())
                    .findFirst()
                    .orElse("");
            return first + "… closed: the service stops, nothing more is paid";
        }
    }

    private String cancelled() {
        CompletableFuture<ChatCompletion> response = KimiOpenAi.cancellable(
                kimi, openAi.async(), sdk -> sdk.chat().completions().create(question("Never mind.")));
        response.cancel(true);
        return "cancelled: " + response.isCancelled();
    }

    private String streamedByAnthropic() {
        StringBuilder text = new StringBuilder();
        try (StreamResponse<RawMessageStreamEvent> stream =
                anthropic.messages().createStreaming(message("And if it sank?"))) {
            stream.stream()
                    .flatMap(event -> event.contentBlockDelta().stream())
                    .flatMap(delta -> delta.delta().text().stream())
                    .forEach(delta -> text.append(delta.text()));
        }
        return text.toString();
    }

    private static void print(String what, Call call) {
        System.out.println("\n" + what + " > ");
        try {
            System.out.println(call.make());
        } catch (com.openai.errors.OpenAIException | com.anthropic.errors.AnthropicException e) {
            System.out.println("No response: " + e.getMessage());
        }
    }

    private ChatCompletionCreateParams question(String text) {
        return ChatCompletionCreateParams.builder()
                .model(kimi.model())
                .addUserMessage(text)
                .build();
    }

    private MessageCreateParams message(String text) {
        return MessageCreateParams.builder()
                .model(claude.model())
                .maxTokens(500)
                .addUserMessage(text)
                .build();
    }

    private static String content(ChatCompletionChunk chunk) {
        return chunk.choices().stream()
                .flatMap(choice -> choice.delta().content().stream())
                .findFirst()
                .orElse("");
    }

    private static String text(com.anthropic.models.messages.Message message) {
        StringBuilder text = new StringBuilder();
        message.content().forEach(block -> block.text().ifPresent(part -> text.append(part.text())));
        return text.toString();
    }

    /** One call of an SDK. */
    @FunctionalInterface
    private interface Call {
        String make();
    }
}
