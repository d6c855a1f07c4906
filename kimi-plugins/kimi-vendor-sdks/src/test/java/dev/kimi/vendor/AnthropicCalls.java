package dev.kimi.vendor;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.RequestOptions;
import com.anthropic.core.Timeout;
import com.anthropic.core.http.AsyncStreamResponse;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.models.files.FileUploadParams;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import dev.kimi.KimiClient;
import dev.kimi.vendor.anthropic.KimiAnthropic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Those of Anthropic's client. */
final class AnthropicCalls implements SdkCalls {

    private static final MessageCreateParams WHY = MessageCreateParams.builder()
            .model("claude-sonnet-4-6")
            .maxTokens(500)
            .addUserMessage("Why?")
            .build();

    private final @Nullable KimiClient kimi;
    private final AnthropicClient client;

    AnthropicCalls(KimiClient kimi) {
        this(kimi, KimiAnthropic.client(kimi));
    }

    private AnthropicCalls(@Nullable KimiClient kimi, AnthropicClient client) {
        this.kimi = kimi;
        this.client = client;
    }

    /** Those of the SDK on its own transport, as it comes. */
    static AnthropicCalls bare(String baseUrl) {
        return new AnthropicCalls(
                null,
                AnthropicOkHttpClient.builder()
                        .baseUrl(baseUrl)
                        .apiKey("sk-test")
                        .build());
    }

    @Override
    public String ask() {
        return text(client.messages().create(WHY));
    }

    @Override
    public String ask(Duration timeout) {
        RequestOptions options = RequestOptions.builder()
                .timeout(Timeout.builder().request(timeout).build())
                .build();
        return text(client.messages().create(WHY, options));
    }

    @Override
    public String askWithRetries(int most) {
        return text(client.withOptions(options -> options.maxRetries(most))
                .messages()
                .create(WHY));
    }

    @Override
    public Events stream() {
        StreamResponse<RawMessageStreamEvent> stream = client.messages().createStreaming(WHY);
        return new Events() {
            @Override
            public Iterator<?> iterator() {
                return stream.stream().iterator();
            }

            @Override
            public void close() {
                stream.close();
            }
        };
    }

    @Override
    public CompletableFuture<String> askAsync() {
        return client.async().messages().create(WHY).thenApply(AnthropicCalls::text);
    }

    @Override
    public CompletableFuture<String> cancellable() {
        if (kimi == null) {
            return askAsync();
        }
        return KimiAnthropic.cancellable(
                kimi, client.async(), sdk -> sdk.messages().create(WHY).thenApply(AnthropicCalls::text));
    }

    @Override
    public AutoCloseable cancellableStream() {
        if (kimi == null) {
            return client.async().messages().createStreaming(WHY)::close;
        }
        return KimiAnthropic.cancellableStream(
                kimi, client.async(), sdk -> sdk.messages().createStreaming(WHY))::close;
    }

    @Override
    public CompletableFuture<Integer> countAsync() {
        AtomicInteger count = new AtomicInteger();
        AsyncStreamResponse<RawMessageStreamEvent> stream =
                client.async().messages().createStreaming(WHY);
        stream.subscribe(event -> count.incrementAndGet());
        return stream.onCompleteFuture().thenApply(done -> count.get());
    }

    @Override
    public String upload(Path file) {
        return client.files()
                .upload(FileUploadParams.builder().file(file).build())
                .id();
    }

    @Override
    public void close() {
        client.close();
    }

    private static String text(Message message) {
        return message.content().stream()
                .flatMap(block -> block.text().stream())
                .map(block -> block.text())
                .findFirst()
                .orElse("");
    }
}
