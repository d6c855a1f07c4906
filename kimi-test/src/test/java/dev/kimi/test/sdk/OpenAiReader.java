package dev.kimi.test.sdk;

import com.openai.client.OpenAIClient;
import com.openai.client.OpenAIClientImpl;
import com.openai.core.ClientOptions;
import com.openai.core.RequestOptions;
import com.openai.core.http.Headers;
import com.openai.core.http.HttpClient;
import com.openai.core.http.HttpRequest;
import com.openai.core.http.HttpResponse;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;

/** OpenAI's own client, reading bytes that no service sent. */
final class OpenAiReader implements AutoCloseable {

    private byte[] bytes = {};
    private String type = "";
    private final OpenAIClient client = new OpenAIClientImpl(new ClientOptions.Builder()
            .httpClient(new Canned())
            .baseUrl("http://127.0.0.1:1")
            .apiKey("sk-test")
            .maxRetries(0)
            .build());

    ChatCompletion stream(byte[] stream) {
        serve(stream, "text/event-stream");
        ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
        try (StreamResponse<ChatCompletionChunk> chunks =
                client.chat().completions().createStreaming(request())) {
            chunks.stream().forEach(accumulator::accumulate);
        }
        return accumulator.chatCompletion();
    }

    ChatCompletion whole(byte[] body) {
        serve(body, "application/json");
        return client.chat().completions().create(request());
    }

    private static ChatCompletionCreateParams request() {
        return ChatCompletionCreateParams.builder()
                .model("kimi-k3")
                .addUserMessage("hi")
                .build();
    }

    private void serve(byte[] response, String contentType) {
        bytes = response;
        type = contentType;
    }

    @Override
    public void close() {
        client.close();
    }

    private final class Canned implements HttpClient {

        @Override
        public HttpResponse execute(HttpRequest request, RequestOptions options) {
            return new CannedResponse(
                    new ByteArrayInputStream(bytes),
                    Headers.builder().put("content-type", type).build());
        }

        @Override
        public CompletableFuture<HttpResponse> executeAsync(HttpRequest request, RequestOptions options) {
            return CompletableFuture.completedFuture(execute(request, options));
        }

        @Override
        public void close() {}
    }

    private record CannedResponse(InputStream body, Headers headers) implements HttpResponse {

        @Override
        public int statusCode() {
            return 200;
        }

        @Override
        public void close() {}
    }
}
