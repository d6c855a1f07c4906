package dev.kimi.gateway.completions;

import dev.kimi.chat.Provenance;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayError.Kind;
import dev.kimi.gateway.dialect.GatewayException;
import dev.kimi.gateway.dialect.InboundChat;
import dev.kimi.gateway.dialect.InboundHead;
import dev.kimi.gateway.hash.Digests;
import dev.kimi.relay.RelayForm;
import dev.kimi.relay.RelayTarget;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A request for a chat completion. */
final class CompletionsChat implements InboundChat {

    private static final String PATH = "/v1/chat/completions";
    private static final String SESSION_HEADER = "x-claude-code-session-id";
    private static final Map<String, String> HEADERS = Map.of("content-type", "application/json");
    private static final int LONGEST_MODEL = 256;
    private static final int LONGEST_SESSION = 128;
    private static final List<String> CONVERSATION = List.of("messages");
    private static final List<String> TOOLS = List.of("tools", "functions");

    private final JsonScan scan;
    private final String model;
    private final boolean streamed;
    private final @Nullable String sessionId;

    private CompletionsChat(JsonScan scan, String model, @Nullable String sessionId) {
        this.scan = scan;
        this.model = model;
        this.streamed = scan.flag("stream");
        this.sessionId = sessionId;
    }

    static CompletionsChat read(InboundHead head, byte[] body) {
        JsonScan scan = JsonScan.of(body);
        String model = scan.text("model");
        if (model == null || model.isBlank() || model.length() > LONGEST_MODEL) {
            throw rejected("\"model\" must name a model, in at most " + LONGEST_MODEL + " characters.");
        }
        if (!scan.isArray("messages") || scan.elements("messages") == 0) {
            throw rejected("\"messages\" must be an array with at least one message.");
        }
        return new CompletionsChat(scan, model, session(scan, head));
    }

    /** What says most precisely which conversation it is; a user's may be several, whose cache is then shared. */
    private static @Nullable String session(JsonScan scan, InboundHead head) {
        String key = readable(scan, "prompt_cache_key");
        String session = key == null ? head.headers().get(SESSION_HEADER) : key;
        if (session == null || session.isBlank()) {
            String user = readable(scan, "safety_identifier");
            String other = user == null ? readable(scan, "user") : user;
            return other == null ? null : Digests.of(other);
        }
        return session.length() > LONGEST_SESSION ? Digests.of(session) : session;
    }

    /** What is no text is the service's to judge. */
    private static @Nullable String readable(JsonScan scan, String member) {
        return scan.isText(member) ? scan.text(member) : null;
    }

    @Override
    public String model() {
        return model;
    }

    @Override
    public boolean streamed() {
        return streamed;
    }

    @Override
    public long inputTokens() {
        return scan.inputTokens(CONVERSATION, TOOLS);
    }

    /** Services go by the newer of the two members. */
    @Override
    public long outputCap() {
        long cap = scan.count("max_completion_tokens");
        return cap > 0 ? cap : scan.count("max_tokens");
    }

    @Override
    public @Nullable String sessionId() {
        return sessionId;
    }

    /** Whether the client wants to be notified of the usage in a chunk of its own. */
    boolean wantsUsage() {
        JsonNode options = scan.tree("stream_options");
        return options != null && options.path("include_usage").asBoolean(false);
    }

    @Override
    public RelayForm formFor(RelayTarget target) {
        return target.protocol().equals(Provenance.OPENAI)
                ? new RelayForm.Verbatim(PATH, HEADERS, scan.with("model", target.model()))
                : RequestTranslation.of(scan.tree(), target);
    }

    @Override
    public String toString() {
        return "CompletionsChat[" + model + (streamed ? ", streamed]" : "]");
    }

    static GatewayException rejected(String message) {
        return new GatewayException(GatewayError.of(Kind.INVALID_REQUEST, 400, message));
    }
}
