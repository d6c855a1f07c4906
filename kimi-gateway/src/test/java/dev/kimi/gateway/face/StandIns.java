package dev.kimi.gateway.face;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Provenance;
import dev.kimi.gateway.dialect.Dialect;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayException;
import dev.kimi.gateway.dialect.InboundChat;
import dev.kimi.gateway.dialect.InboundHead;
import dev.kimi.gateway.dialect.ResponseWriter;
import dev.kimi.relay.RelayForm;
import dev.kimi.relay.RelayTarget;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.util.ClassUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Stands in for dialects that are not there yet. */
final class StandIns {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private StandIns() {}

    /** The dialects that the module does not have. */
    static void register(GenericApplicationContext context) {
        register(context, "messages.MessagesDialect", Provenance.ANTHROPIC);
        register(context, "completions.CompletionsDialect", Provenance.OPENAI);
    }

    private static void register(GenericApplicationContext context, String type, String protocol) {
        if (!ClassUtils.isPresent("dev.kimi.gateway." + type, null)) {
            context.registerBean(protocol + "StandIn", Dialect.class, () -> new PlainDialect(protocol));
        }
    }

    private record PlainDialect(String protocol) implements Dialect {

        @Override
        public InboundChat read(InboundHead head, byte[] body) {
            JsonNode read = MAPPER.readTree(body);
            if (!read.path("model").isString()) {
                throw new GatewayException(GatewayError.of(GatewayError.Kind.INVALID_REQUEST, 400, "model is missing"));
            }
            return new PlainChat(
                    head,
                    body,
                    read.path("model").asString(),
                    read.path("stream").asBoolean(false));
        }

        @Override
        public ResponseWriter writer(InboundChat chat, String requestId) {
            return new ResponseWriter() {
                @Override
                public byte[] start() {
                    return new byte[0];
                }

                @Override
                public byte[] event(ChatEvent event) {
                    return new byte[0];
                }

                @Override
                public byte[] end(ChatResponse response) {
                    return new byte[0];
                }

                @Override
                public byte[] whole(ChatResponse response) {
                    return new byte[0];
                }
            };
        }

        @Override
        public byte[] ping() {
            return utf8("event: ping\ndata: {\"type\": \"ping\"}\n\n");
        }

        @Override
        public byte[] error(GatewayError error, String requestId) {
            Map<String, Object> inner = Map.of("type", error.kind().name(), "message", error.message());
            return MAPPER.writeValueAsBytes(Map.of("type", "error", "error", inner, "request_id", requestId));
        }

        @Override
        public byte[] errorEvent(GatewayError error, String requestId) {
            return utf8("event: error\ndata: " + new String(error(error, requestId), StandardCharsets.UTF_8) + "\n\n");
        }

        private static byte[] utf8(String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }

    private record PlainChat(InboundHead head, byte[] body, String model, boolean streamed) implements InboundChat {

        @Override
        public long inputTokens() {
            return body.length / 4;
        }

        @Override
        public long outputCap() {
            return 0;
        }

        @Override
        public @Nullable String sessionId() {
            return null;
        }

        @Override
        public RelayForm formFor(RelayTarget target) {
            String text = new String(body, StandardCharsets.UTF_8).replace(model, target.model());
            String path = head.path()
                    + Stream.ofNullable(head.query())
                            .map(q -> "?" + q)
                            .findFirst()
                            .orElse("");
            java.util.Map<String, String> headers = new java.util.LinkedHashMap<>();
            head.headers().forEach((name, value) -> {
                if (name.startsWith("anthropic-")) {
                    headers.put(name, value);
                }
            });
            return new RelayForm.Verbatim(path, headers, text.getBytes(StandardCharsets.UTF_8));
        }
    }
}
