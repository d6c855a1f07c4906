package dev.kimi.gateway.completions;

import dev.kimi.chat.Provenance;
import dev.kimi.gateway.dialect.Dialect;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.InboundChat;
import dev.kimi.gateway.dialect.InboundHead;
import dev.kimi.gateway.dialect.ResponseWriter;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;

/** Chat completions as OpenAI made them. */
final class CompletionsDialect implements Dialect {

    private static final byte[] PING = ": ping\n\n".getBytes(StandardCharsets.US_ASCII);

    private final InstantSource clock;

    CompletionsDialect(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public String protocol() {
        return Provenance.OPENAI;
    }

    @Override
    public InboundChat read(InboundHead head, byte[] body) {
        return CompletionsChat.read(head, body);
    }

    @Override
    public ResponseWriter writer(InboundChat chat, String requestId) {
        boolean withUsage = chat instanceof CompletionsChat own && own.wantsUsage();
        return new CompletionWriter(chat.model(), requestId, clock.instant().getEpochSecond(), withUsage);
    }

    /** A comment, which every client passes over. */
    @Override
    public byte[] ping() {
        return PING.clone();
    }

    @Override
    public byte[] error(GatewayError error, String requestId) {
        return CompletionErrors.body(error);
    }

    /** SDKs throw at it. No end mark follows, so that others do not take the stream for a whole one. */
    @Override
    public byte[] errorEvent(GatewayError error, String requestId) {
        return JsonBytes.event(CompletionErrors.body(error));
    }

    /** OpenAI's own clients look for the second. */
    @Override
    public Map<String, String> idHeaders(String requestId) {
        return Map.of("request-id", requestId, "x-request-id", requestId);
    }
}
