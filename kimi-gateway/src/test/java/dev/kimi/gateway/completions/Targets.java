package dev.kimi.gateway.completions;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Provenance;
import dev.kimi.gateway.dialect.InboundChat;
import dev.kimi.gateway.dialect.InboundHead;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.protocol.EncodeTarget;
import dev.kimi.internal.protocol.anthropic.MessagesProtocol;
import dev.kimi.relay.RelayForm;
import dev.kimi.relay.RelayTarget;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the tests of this package have in common: the dialect, and endpoints to translate for. */
final class Targets {

    static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
    static final CompletionsDialect DIALECT =
            new CompletionsDialect(InstantSource.fixed(Instant.ofEpochSecond(1_795_000_000)));
    private static final ModelCards CARDS = new ModelCards.Settings().cards();
    static final RelayTarget OPUS = target("claude-opus-5-5");

    private Targets() {}

    /** An endpoint of the Messages protocol. */
    static RelayTarget target(String model) {
        return new RelayTarget("c", Provenance.ANTHROPIC, "api.anthropic.com", model, CARDS.of(model));
    }

    static RelayTarget openAi(String model) {
        return new RelayTarget("k", Provenance.OPENAI, "api.moonshot.ai", model, CARDS.of(model));
    }

    static InboundChat read(String json) {
        return read(json, Map.of());
    }

    static InboundChat read(String json, Map<String, String> headers) {
        return DIALECT.read(new InboundHead("/v1/chat/completions", null, headers), json.getBytes(UTF_8));
    }

    /** A request with one message of the user and these further members, each with a comma before it. */
    static String request(String members) {
        return "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]" + members + "}";
    }

    /** A request with these messages. */
    static String talk(String messages) {
        return "{\"model\":\"m\",\"messages\":[" + messages + "]}";
    }

    static RelayForm.Translated translated(String json, RelayTarget target) {
        return (RelayForm.Translated) read(json).formFor(target);
    }

    /** What the engine would send to the endpoint. */
    static JsonNode sent(String json, RelayTarget target) {
        Provenance here = new Provenance(target.protocol(), target.service(), target.model());
        EncodeTarget encode = new EncodeTarget(here, true, false, target.card());
        return MAPPER.readTree(new MessagesProtocol(MessagesProtocol.LATEST_VERSION)
                .encode(translated(json, target).chat(), encode)
                .body());
    }

    /** The notes of a translation, as "code name". */
    static List<String> notes(String json, RelayTarget target) {
        return translated(json, target).notes().stream().map(Targets::words).toList();
    }

    private static String words(ChatResponse.Note note) {
        return note.code() + " " + note.message();
    }
}
