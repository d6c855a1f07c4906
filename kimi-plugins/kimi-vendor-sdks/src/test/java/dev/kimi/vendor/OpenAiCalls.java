package dev.kimi.vendor;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.RequestOptions;
import com.openai.core.Timeout;
import com.openai.core.http.AsyncStreamResponse;
import com.openai.core.http.StreamResponse;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FilePurpose;
import dev.kimi.KimiClient;
import dev.kimi.vendor.openai.KimiOpenAi;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Those of OpenAI's client. */
final class OpenAiCalls implements SdkCalls {

    private static final ChatCompletionCreateParams WHY = ChatCompletionCreateParams.builder()
            .model("kimi-k3")
            .addUserMessage("Why?")
            .build();

    private final @Nullable KimiClient kimi;
    private final OpenAIClient client;

    OpenAiCalls(KimiClient kimi) {
        this(kimi, KimiOpenAi.client(kimi));
    }

    private OpenAiCalls(@Nullable KimiClient kimi, OpenAIClient client) {
        this.kimi = kimi;
        this.client = client;
    }

    /** Those of the SDK on its own transport, as it comes. */
    static OpenAiCalls bare(String baseUrl) {
        return new OpenAiCalls(
                null,
                OpenAIOkHttpClient.builder()
                        .baseUrl(baseUrl + "/v1")
                        .apiKey("sk-test")
                        .build());
    }

    @Override
    public String ask() {
        return text(client.chat().completions().create(WHY));
    }

    @Override
    public String ask(Duration timeout) {
        RequestOptions options = RequestOptions.builder()
                .timeout(Timeout.builder().request(timeout).build())
                .build();
        return text(client.chat().completions().create(WHY, options));
    }

    @Override
    public String askWithRetries(int most) {
        return text(client.withOptions(options -> options.maxRetries(most))
                .chat()
                .completions()
                .create(WHY));
    }

    @Override
    public Events stream() {
        StreamResponse<ChatCompletionChunk> stream = client.chat().completions().createStreaming(WHY);
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
        return client.async().chat().completions().create(WHY).thenApply(OpenAiCalls::text);
    }

    @Override
    public CompletableFuture<String> cancellable() {
        if (kimi == null) {
            return askAsync();
        }
        return KimiOpenAi.cancellable(
                kimi,
                client.async(),
                sdk -> sdk.chat().completions().create(WHY).thenApply(OpenAiCalls::text));
    }

    @Override
    public AutoCloseable cancellableStream() {
        if (kimi == null) {
            return client.async().chat().completions().createStreaming(WHY)::close;
        }
        return KimiOpenAi.cancellableStream(
                kimi, client.async(), sdk -> sdk.chat().completions().createStreaming(WHY))::close;
    }

    @Override
    public CompletableFuture<Integer> countAsync() {
        AtomicInteger count = new AtomicInteger();
        AsyncStreamResponse<ChatCompletionChunk> stream =
                client.async().chat().completions().createStreaming(WHY);
        stream.subscribe(chunk -> count.incrementAndGet());
        return stream.onCompleteFuture().thenApply(done -> count.get());
    }

    @Override
    public String upload(Path file) {
        return client.files()
                .create(FileCreateParams.builder()
                        .file(file)
                        .purpose(FilePurpose.of("file-extract"))
                        .build())
                .id();
    }

    @Override
    public void close() {
        client.close();
    }

    private static String text(ChatCompletion completion) {
        return completion.choices().get(0).message().content().orElse("");
    }
}
