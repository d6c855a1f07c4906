package dev.kimi.gateway.messages;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.Tool;
import dev.kimi.gateway.hash.Digests;
import dev.kimi.relay.RelayForm;
import dev.kimi.relay.RelayTarget;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Translates a request for a service of another protocol. The same request becomes the same each time. */
final class Translation {

    private static final Set<String> READ = Set.of(
            "model",
            "messages",
            "system",
            "max_tokens",
            "metadata",
            "stop_sequences",
            "stream",
            "temperature",
            "top_p",
            "tools",
            "tool_choice",
            "thinking",
            "output_config",
            "output_format");

    /** Left for the response where the estimate of the prompt says that there is less. */
    private static final long LEAST_OUTPUT = 8_192;

    private final JsonNode request;
    private final RelayTarget target;
    private final MessagesProperties properties;
    private final Losses losses = new Losses();

    private Translation(JsonNode request, RelayTarget target, MessagesProperties properties) {
        this.request = request;
        this.target = target;
        this.properties = properties;
    }

    /**
     * @param scanned what is known of the body
     * @throws dev.kimi.gateway.dialect.GatewayException if the service cannot be asked that
     */
    static RelayForm of(
            byte[] body,
            ScannedBody scanned,
            @Nullable String sessionId,
            RelayTarget target,
            MessagesProperties properties) {
        try {
            JsonNode request = Json.MAPPER.readTree(body);
            return new Translation(request, target, properties).form(scanned, sessionId);
        } catch (JacksonException e) {
            throw Json.unreadable(e);
        }
    }

    private RelayForm form(ScannedBody scanned, @Nullable String sessionId) {
        ChatRequest.Builder chat = ChatRequest.builder();
        List<Tool> tools = new ToolReader(target, losses, properties.serverTools()).tools(request.path("tools"));
        ModelControls controls = new ModelControls(request, target, losses);
        controls.apply(chat, tools, properties.highestEffort());
        chat.tools(tools);
        conversation(chat, tools, controls);
        cap(chat, scanned);
        stop(chat);
        sampling(chat);
        if (scanned.userId() != null) {
            chat.userId(Digests.of(scanned.userId()));
        }
        if (sessionId != null) {
            chat.sessionId(sessionId);
        }
        request.propertyStream()
                .filter(member ->
                        !READ.contains(member.getKey()) && !member.getValue().isNull())
                .forEach(member -> losses.field(member.getKey()));
        return new RelayForm.Translated(chat.build(), losses.notes());
    }

    private void conversation(ChatRequest.Builder chat, List<Tool> tools, ModelControls controls) {
        ContentReader content = new ContentReader(target, losses, ToolReader.descriptions(tools));
        boolean owed = target.card().flag(Fact.REASONING_OWED) && !controls.thinkingDisabled();
        TurnReader reader = new TurnReader(content, losses, owed);
        List<Message> turns = new ArrayList<>(reader.turns(request.path("messages")));
        if (turns.isEmpty()) {
            throw Invalid.request("messages: at least one message with content is required");
        }
        int last = turns.size() - 1;
        if (turns.get(last).role() == Message.Role.ASSISTANT
                && turns.get(last).toolCalls().isEmpty()
                && isKimi()) {
            // Kimi goes on with a turn only when it is marked
            turns.set(last, turns.get(last).with(Provenance.OPENAI, "partial", true));
        }
        chat.messages(reader.system(request.path("system"))).messages(turns);
    }

    private boolean isKimi() {
        return target.card().flag(Fact.MOONSHOT_SCHEMAS);
    }

    private void cap(ChatRequest.Builder chat, ScannedBody scanned) {
        if (!request.hasNonNull("max_tokens")) {
            return;
        }
        if (scanned.maxTokens() == 0) {
            throw Invalid.request("max_tokens: must be at least 1 for " + target.model());
        }
        ModelCard card = target.card();
        long most = card.maxOutputTokens() > 0 ? card.maxOutputTokens() : Long.MAX_VALUE;
        if (card.contextLength() > 0) {
            most = Math.min(most, Math.max(LEAST_OUTPUT, card.contextLength() - scanned.inputTokens()));
        }
        if (scanned.maxTokens() > most) {
            losses.changed(Losses.MAX_TOKENS);
        }
        chat.maxCompletionTokens((int) Math.min(scanned.maxTokens(), most));
    }

    private void stop(ChatRequest.Builder chat) {
        JsonNode stop = request.path("stop_sequences");
        if (stop.isArray() && !stop.isEmpty()) {
            chat.stop(stop.valueStream().map(text -> text.asString("")).toList());
        }
    }

    /** Kimi's models reject any value but their own. */
    private void sampling(ChatRequest.Builder chat) {
        JsonNode temperature = request.path("temperature");
        JsonNode topP = request.path("top_p");
        if (temperature.isNumber() && !isKimi()) {
            chat.temperature(temperature.asDouble());
        } else if (request.hasNonNull("temperature")) {
            losses.field("temperature");
        }
        if (topP.isNumber() && !isKimi()) {
            chat.topP(topP.asDouble());
        } else if (request.hasNonNull("top_p")) {
            losses.field("top_p");
        }
    }
}
