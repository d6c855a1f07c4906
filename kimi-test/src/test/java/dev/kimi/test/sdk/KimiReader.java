package dev.kimi.test.sdk;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.time.VirtualTime;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Our client, reading bytes that no service sent. */
final class KimiReader implements AutoCloseable {

    private final CannedTransport transport = new CannedTransport();
    private final VirtualTime time = new VirtualTime();
    private final KimiClient client;

    KimiReader(String protocol, String model) {
        this.client = KimiClient.builder()
                .protocol(protocol)
                .baseUrl("http://127.0.0.1:1")
                .apiKey("sk-test")
                .model(model)
                .transport(transport)
                .callbackExecutor(Runnable::run)
                .retryPolicy(RetryPolicy.never())
                .time(time, time)
                .build();
    }

    ChatResponse stream(byte[] bytes, Dice parts, Consumer<ChatEvent> events) {
        try (ChatStream stream = client.stream(ChatRequest.of("hi"))) {
            transport.respond(bytes, "text/event-stream", parts);
            stream.forEach(events);
            return stream.response();
        }
    }

    ChatResponse whole(byte[] bytes, Dice parts) {
        CompletableFuture<ChatResponse> response = client.chatAsync(ChatRequest.of("hi"));
        transport.respond(bytes, "application/json", parts);
        return response.join();
    }

    @Override
    public void close() {
        client.close();
    }
}
