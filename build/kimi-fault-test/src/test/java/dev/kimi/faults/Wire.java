package dev.kimi.faults;

import dev.kimi.KimiClientBuilder;
import dev.kimi.Part;

/**
 * What whole clients speak: a protocol over a version of HTTP. Where nothing depends on the protocol, tests take
 * {@link TransportUnderTest} alone.
 */
enum Wire {
    OPENAI_HTTP1(Protocol.OPENAI, TransportUnderTest.HTTP1),
    OPENAI_HTTP2(Protocol.OPENAI, TransportUnderTest.HTTP2),
    ANTHROPIC_HTTP1(Protocol.ANTHROPIC, TransportUnderTest.HTTP1),
    ANTHROPIC_HTTP2(Protocol.ANTHROPIC, TransportUnderTest.HTTP2);

    /** A protocol as the simulator speaks it. */
    enum Protocol {
        OPENAI,
        ANTHROPIC
    }

    final TransportUnderTest transport;
    private final Protocol protocol;

    Wire(Protocol protocol, TransportUnderTest transport) {
        this.protocol = protocol;
        this.transport = transport;
    }

    boolean isAnthropic() {
        return protocol == Protocol.ANTHROPIC;
    }

    /** A client that speaks this, with the key in the header that the service calls its own, and knows nothing else. */
    KimiClientBuilder client() {
        return isAnthropic()
                ? transport
                        .client()
                        .protocol("anthropic")
                        // of this model the simulator shows reasoning without being asked to
                        .model("claude-sonnet-4-6")
                        .set(Part.AUTH, "header", "x-api-key")
                : transport.client().protocol("openai");
    }

    /**
     * How many events the simulator has sent when it has sent so many pieces of a response that is nothing but text.
     */
    int eventsUntilText(int pieces) {
        // a role; the beginnings of message and block, and a ping
        return (isAnthropic() ? 3 : 1) + pieces;
    }

    /** What the simulator sends as the id of a request. */
    String requestId() {
        return isAnthropic() ? "req_[0-9a-f]{24}" : "[0-9a-f]{32}";
    }

    /** One event of a stream, a piece of text. */
    String textEvent(String text) {
        return isAnthropic()
                ? "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
                        + "\"delta\":{\"type\":\"text_delta\",\"text\":\"" + text + "\"}}\n\n"
                : "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"kimi-k3\","
                        + "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"" + text
                        + "\"},\"finish_reason\":null}]}\n\n";
    }

    /** A whole response that is not streamed. */
    String response(String text) {
        return isAnthropic()
                ? "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[{\"type\":"
                        + "\"text\",\"text\":\"" + text + "\"}],\"stop_reason\":\"end_turn\",\"usage\":"
                        + "{\"input_tokens\":3,\"output_tokens\":1}}"
                : "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
                        + text + "\"},\"finish_reason\":\"stop\"}]}";
    }
}
