package dev.kimi.test.sdk;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.AnthropicClientImpl;
import com.anthropic.core.ClientOptions;
import com.anthropic.core.ObjectMappers;
import com.anthropic.core.RequestOptions;
import com.anthropic.core.http.Headers;
import com.anthropic.core.http.HttpClient;
import com.anthropic.core.http.HttpRequest;
import com.anthropic.core.http.HttpResponse;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.helpers.BetaMessageAccumulator;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.beta.messages.BetaRawMessageStreamEvent;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/** Anthropic's own client, reading bytes that no service sent. What it makes of them is given as it writes it. */
final class AnthropicReader implements AutoCloseable {

    private byte[] bytes = {};
    private String type = "";
    private final AnthropicClient client = new AnthropicClientImpl(new ClientOptions.Builder()
            .httpClient(new Canned())
            .baseUrl("http://127.0.0.1:1")
            .putHeader("x-api-key", "sk-ant-test")
            .maxRetries(0)
            .build());

    /** A stream, as the stable API has it. */
    JsonNode stream(byte[] stream) {
        serve(stream, "text/event-stream");
        MessageAccumulator accumulator = MessageAccumulator.create();
        try (StreamResponse<RawMessageStreamEvent> events = client.messages()
                .createStreaming(MessageCreateParams.builder()
                        .model("claude-opus-5-5")
                        .maxTokens(500)
                        .addUserMessage("hi")
                        .build())) {
            events.stream().forEach(accumulator::accumulate);
        }
        return json(accumulator.message());
    }

    /** A stream, as the beta API has it. */
    JsonNode betaStream(byte[] stream) {
        serve(stream, "text/event-stream");
        BetaMessageAccumulator accumulator = BetaMessageAccumulator.create();
        try (StreamResponse<BetaRawMessageStreamEvent> events =
                client.beta().messages().createStreaming(betaRequest())) {
            events.stream().forEach(accumulator::accumulate);
        }
        return json(accumulator.message());
    }

    /** A whole body. */
    JsonNode whole(byte[] body) {
        serve(body, "application/json");
        return json(client.beta().messages().create(betaRequest()));
    }

    private static com.anthropic.models.beta.messages.MessageCreateParams betaRequest() {
        return com.anthropic.models.beta.messages.MessageCreateParams.builder()
                .model("claude-opus-5-5")
                .maxTokens(500)
                .addUserMessage("hi")
                .build();
    }

    private static JsonNode json(Object message) {
        try {
            return Reading.JSON.readTree(ObjectMappers.jsonMapper().writeValueAsString(message));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
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
