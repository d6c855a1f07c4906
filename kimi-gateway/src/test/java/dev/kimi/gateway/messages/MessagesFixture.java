package dev.kimi.gateway.messages;

import dev.kimi.chat.Provenance;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayException;
import dev.kimi.gateway.dialect.InboundChat;
import dev.kimi.gateway.dialect.InboundHead;
import dev.kimi.relay.RelayForm;
import dev.kimi.relay.RelayTarget;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.Assertions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Requests, targets and readers that the tests of the dialect share. */
final class MessagesFixture {

    static final JsonMapper JSON = new JsonMapper();
    static final MessagesDialect DIALECT = new MessagesDialect(MessagesProperties.DEFAULTS);

    static final ModelCard KIMI = ModelCard.builder("kimi-k3")
            .contextLength(1_048_576)
            .fact(Fact.OUTPUT_MAX, 131_072L)
            .reasoning(true)
            .imageInput(true)
            .fact(Fact.THINKING, "unless-disabled")
            .fact(Fact.THINKING_TYPES, "disabled")
            .fact(Fact.REASONING_OWED, true)
            .fact(Fact.HISTORY_CHECKED, true)
            .fact(Fact.REASONING_SIGNED, false)
            .fact(Fact.EFFORTS, "low,high,max")
            .fact(Fact.TEMPERATURES, "1")
            .fact(Fact.FORCED_TOOL_CHOICE, "without-thinking")
            .fact(Fact.IMAGE_SOURCES, "data,ms")
            .fact(Fact.TOOLS_MAX, 128L)
            .fact(Fact.MOONSHOT_SCHEMAS, true)
            .build();

    static final ModelCard CLAUDE = ModelCard.builder("claude-sonnet-5-5")
            .reasoning(true)
            .fact(Fact.REASONING_SIGNED, true)
            .build();

    static final RelayTarget TO_KIMI =
            new RelayTarget("kimi", Provenance.OPENAI, "api.moonshot.ai/v1", "kimi-k3", KIMI);
    static final RelayTarget TO_CLAUDE =
            new RelayTarget("claude", Provenance.ANTHROPIC, "api.anthropic.com", "claude-sonnet-5-5", CLAUDE);

    private MessagesFixture() {}

    static InboundChat read(String body) {
        return read(body, Map.of());
    }

    static InboundChat read(String body, Map<String, String> headers) {
        return DIALECT.read(new InboundHead("/v1/messages", "beta=true", headers), utf8(body));
    }

    static RelayForm.Verbatim verbatim(String body) {
        return verbatim(body, Map.of());
    }

    static RelayForm.Verbatim verbatim(String body, Map<String, String> headers) {
        return (RelayForm.Verbatim) read(body, headers).formFor(TO_CLAUDE);
    }

    static RelayForm.Translated translated(String body) {
        return (RelayForm.Translated) read(body).formFor(TO_KIMI);
    }

    static List<String> dropped(RelayForm.Translated form) {
        return form.notes().stream()
                .filter(note -> note.code().equals(InboundChat.DROPPED))
                .map(note -> note.message())
                .toList();
    }

    static List<String> changed(RelayForm.Translated form) {
        return form.notes().stream()
                .filter(note -> note.code().equals(InboundChat.CHANGED))
                .map(note -> note.message())
                .toList();
    }

    /** The error of a request that is rejected. */
    static GatewayError rejected(Runnable request) {
        GatewayException thrown = Assertions.catchThrowableOfType(GatewayException.class, request::run);
        Assertions.assertThat(thrown).as("the request is rejected").isNotNull();
        return thrown.error();
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static JsonNode json(byte[] bytes) {
        return JSON.readTree(bytes);
    }

    /** JSON with single quotes in place of double ones. */
    static String q(String json) {
        return json.replace('\'', '"');
    }
}
