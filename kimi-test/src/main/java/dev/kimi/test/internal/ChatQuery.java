package dev.kimi.test.internal;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A request for inference as the service understands it.
 *
 * @param body the whole request in the format of chat completions, whichever format the request had
 * @param model the requested model
 * @param promptTokens estimate of the input
 * @param format the format of the response
 * @param claude the request in Anthropic's format, or null
 */
public record ChatQuery(
        JsonNode body,
        ModelCard model,
        int promptTokens,
        WireFormat format,
        @Nullable ClaudeCall claude) {

    public static ChatQuery of(JsonNode body, ModelCard model, WireFormat format) {
        int tokens = Tokens.ofMessages(body.path("messages")) + Tokens.ofTree(body.path("tools"));
        return new ChatQuery(body, model, tokens, format, null);
    }

    /** A request in Anthropic's format, translated. */
    public static ChatQuery of(JsonNode body, ClaudeCall call) {
        ModelCard card = new ModelCard(
                call.model().id(), call.model().contextLength(), call.model().maxOutput(), true, false);
        return new ChatQuery(body, card, call.tokens(), WireFormat.CLAUDE_MESSAGES, call);
    }

    /** What of the input was cached. */
    public ClaudeCall.CacheUse cache() {
        return claude == null ? ClaudeCall.CacheUse.NONE : claude.cache();
    }

    public boolean stream() {
        return isTrue(body.path("stream"));
    }

    public boolean usageChunk() {
        return isTrue(body.path("stream_options").path("include_usage"));
    }

    /** Whether the model reasons before it responds. */
    public boolean thinking() {
        if (claude != null) {
            return claude.thinks();
        }
        String type = Json.text(body.path("thinking"), "type");
        return !model.thinkingSwitchable() || !"disabled".equals(type);
    }

    /** The output cap the request names, or -1; {@code max_completion_tokens} wins over {@code max_tokens}. */
    public int explicitMaxTokens() {
        JsonNode wins = body.path("max_completion_tokens");
        JsonNode cap = wins.isNumber() ? wins : body.path("max_tokens");
        return cap.isNumber() ? cap.asInt() : -1;
    }

    /** The output cap in force; the token quota charges it in full. */
    public int maxTokens() {
        int explicit = explicitMaxTokens();
        return explicit >= 0 ? explicit : model.defaultMaxTokens();
    }

    /** The text of the last user message. */
    public String prompt() {
        JsonNode messages = body.path("messages");
        for (int i = messages.size() - 1; i >= 0; i--) {
            JsonNode message = messages.get(i);
            if ("user".equals(Json.text(message, "role"))) {
                return textOf(message.path("content"));
            }
        }
        return "";
    }

    /** Tool calls already in the conversation. */
    public int earlierToolCalls() {
        int calls = 0;
        for (JsonNode message : body.path("messages")) {
            calls += message.path("tool_calls").size();
        }
        return calls;
    }

    public List<String> stops() {
        JsonNode stop = body.path("stop");
        List<String> stops = new ArrayList<>();
        if (stop.isString()) {
            stops.add(stop.stringValue());
        }
        for (JsonNode one : stop) {
            stops.add(one.asString());
        }
        return stops;
    }

    /** The schema of the tool that {@code tool_choice} forces, with its name, or null. */
    public @Nullable JsonNode forcedFunction() {
        JsonNode choice = body.path("tool_choice");
        JsonNode tools = body.path("tools");
        if (choice.isString() && "required".equals(choice.stringValue()) && tools.size() > 0) {
            return tools.get(0).path("function");
        }
        String name = Json.text(choice.path("function"), "name");
        for (JsonNode tool : tools) {
            if (name != null && name.equals(Json.text(tool.path("function"), "name"))) {
                return tool.path("function");
            }
        }
        return null;
    }

    private static String textOf(JsonNode content) {
        if (content.isString()) {
            return content.stringValue();
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode part : content) {
            String value = Json.text(part, "text");
            text.append(value == null ? "" : value);
        }
        return text.toString();
    }

    private static boolean isTrue(JsonNode node) {
        return node.isBoolean() && node.booleanValue();
    }
}
