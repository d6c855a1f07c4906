package dev.kimi.gateway.messages;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportRequest;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicBoolean;
import tools.jackson.databind.JsonNode;

/** A service without a socket: keeps the last request and gives a response that was set. */
final class CannedService implements Transport {

    private static final byte[] COMPLETION = MessagesFixture.utf8(MessagesFixture.q(
            "{'id':'1','model':'kimi-k3','choices':[{'index':0,'message':{'role':'assistant','content':'ok'},"
                    + "'finish_reason':'stop'}],'usage':{'prompt_tokens':1,'completion_tokens':1,'total_tokens':2}}"));

    private volatile byte[] sent = {};
    private volatile byte[] response = COMPLETION;
    private volatile String contentType = "application/json";

    KimiClient client(String protocol) {
        return KimiClient.builder()
                .apiKey("sk-test")
                .protocol(protocol)
                .model("kimi-k3")
                .transport(this)
                .build();
    }

    /** The body that the engine sends for the chat. */
    JsonNode bodyOf(KimiClient client, ChatRequest chat) {
        client.chat(chat.toBuilder().model("kimi-k3").build());
        return MessagesFixture.json(sent);
    }

    /** The bytes of the response to the next requests. */
    CannedService response(String type, byte[] body) {
        contentType = type;
        response = body;
        return this;
    }

    @Override
    public Exchange send(TransportRequest request, ExchangeHandler handler) {
        sent = Objects.requireNonNull(request.body().bytes());
        ForkJoinPool.commonPool()
                .execute(() -> handler.onHeaders(
                        200, Headers.builder().add("content-type", contentType).build()));
        AtomicBoolean asked = new AtomicBoolean();
        return new Exchange() {
            @Override
            public void request(long chunks) {
                if (asked.compareAndSet(false, true)) {
                    ForkJoinPool.commonPool().execute(() -> {
                        handler.onBody(ByteBuffer.wrap(response));
                        handler.onComplete(Headers.empty());
                    });
                }
            }

            @Override
            public void abort() {}
        };
    }

    @Override
    public void close() {}
}
