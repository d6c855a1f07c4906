package dev.kimi.gateway.messages;

import dev.kimi.chat.Provenance;
import dev.kimi.gateway.dialect.Dialect;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.InboundChat;
import dev.kimi.gateway.dialect.InboundHead;
import dev.kimi.gateway.dialect.ResponseWriter;
import java.nio.charset.StandardCharsets;

/** Anthropic's Messages. */
final class MessagesDialect implements Dialect {

    private static final byte[] PING =
            "event: ping\ndata: {\"type\": \"ping\"}\n\n".getBytes(StandardCharsets.US_ASCII);

    private final MessagesProperties properties;

    MessagesDialect(MessagesProperties properties) {
        this.properties = properties;
    }

    @Override
    public String protocol() {
        return Provenance.ANTHROPIC;
    }

    @Override
    public InboundChat read(InboundHead head, byte[] body) {
        return new MessagesChat(head, body, BodyScan.of(body), properties);
    }

    @Override
    public ResponseWriter writer(InboundChat chat, String requestId) {
        return new MessagesWriter(chat, requestId);
    }

    @Override
    public byte[] ping() {
        return PING.clone();
    }

    @Override
    public byte[] error(GatewayError error, String requestId) {
        return ErrorBody.of(error, requestId);
    }

    @Override
    public byte[] errorEvent(GatewayError error, String requestId) {
        return ErrorBody.event(error, requestId);
    }
}
