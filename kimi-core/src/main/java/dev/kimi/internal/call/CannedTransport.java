package dev.kimi.internal.call;

import dev.kimi.chat.Provenance;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/**
 * Gives every chat the same response, without a network. What was sent gets it when {@link #deliver} is called, on the
 * thread that calls it. Not thread-safe.
 */
final class CannedTransport implements Transport {

    private static final List<String> OPENAI = List.of("""
            {"id":"1","object":"chat.completion","created":1,"model":"none","choices":[{"index":0,"message":\
            {"role":"assistant","reasoning_content":"Hm.","content":"Hello."},"finish_reason":"stop"}],\
            "usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""");

    private static final List<String> OPENAI_STREAM = List.of("""
            data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"none","choices":[{"index":0,\
            "delta":{"role":"assistant","reasoning_content":"Hm."},"finish_reason":null}]}

            """, """
            data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"none","choices":[{"index":0,\
            "delta":{"content":"Hello."},"finish_reason":null}]}

            """, """
            data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"none","choices":[{"index":0,\
            "delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}

            """, "data: [DONE]\n\n");

    private static final List<String> ANTHROPIC = List.of("""
            {"id":"1","type":"message","role":"assistant","model":"none","content":[{"type":"text",\
            "text":"Hello."}],"stop_reason":"end_turn","stop_sequence":null,\
            "usage":{"input_tokens":1,"output_tokens":1}}""");

    private static final List<String> ANTHROPIC_STREAM = List.of("""
            event: message_start
            data: {"type":"message_start","message":{"id":"1","type":"message","role":"assistant","model":"none",\
            "content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}

            """, """
            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello."}}

            """, """
            event: content_block_stop
            data: {"type":"content_block_stop","index":0}

            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},\
            "usage":{"output_tokens":1}}

            event: message_stop
            data: {"type":"message_stop"}

            """);

    private final boolean messages;
    private final Queue<Canned> sent = new ArrayDeque<>();

    /** @param protocol the name of the protocol of the responses */
    CannedTransport(String protocol) {
        this.messages = protocol.equals(Provenance.ANTHROPIC);
    }

    /** Whether there are responses of the protocol. */
    static boolean speaks(String protocol) {
        return protocol.equals(Provenance.ANTHROPIC) || protocol.equals(Provenance.OPENAI);
    }

    @Override
    public Exchange send(TransportRequest request, ExchangeHandler handler) {
        Canned exchange =
                new Canned("text/event-stream".equals(request.headers().first("accept")), handler);
        sent.add(exchange);
        return exchange;
    }

    void deliver() {
        for (Canned next = sent.poll(); next != null; next = sent.poll()) {
            next.deliver();
        }
    }

    @Override
    public void close() {}

    private final class Canned implements Exchange {
        private final boolean streamed;
        private final ExchangeHandler handler;
        private long demand;
        private boolean aborted;

        private Canned(boolean streamed, ExchangeHandler handler) {
            this.streamed = streamed;
            this.handler = handler;
        }

        private void deliver() {
            String type = streamed ? "text/event-stream" : "application/json";
            handler.onHeaders(200, Headers.builder().add("content-type", type).build());
            for (String chunk : body()) {
                if (demand == 0 || aborted) {
                    return;
                }
                demand -= demand == Long.MAX_VALUE ? 0 : 1;
                handler.onBody(ByteBuffer.wrap(chunk.getBytes(StandardCharsets.UTF_8)));
            }
            if (!aborted) {
                handler.onComplete(Headers.empty());
            }
        }

        private List<String> body() {
            if (streamed) {
                return messages ? ANTHROPIC_STREAM : OPENAI_STREAM;
            }
            return messages ? ANTHROPIC : OPENAI;
        }

        @Override
        public void request(long chunks) {
            demand = demand + chunks < 0 ? Long.MAX_VALUE : demand + chunks;
        }

        @Override
        public void abort() {
            aborted = true;
        }
    }
}
