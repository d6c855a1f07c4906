package dev.kimi.gateway.messages;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ResponseFormat;
import dev.kimi.chat.Tool;
import dev.kimi.relay.RelayTarget;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Translates how the model is to think and respond, as far as its card says how that is said. Not thread-safe. */
final class ModelControls {

    /** What Kimi's latest models are assumed to take where nothing says it: their predecessor's. */
    private static final List<String> ASSUMED_EFFORTS = List.of("low", "high", "max");

    private static final String ALWAYS = "always";

    private final JsonNode request;
    private final ModelCard card;
    private final Losses losses;
    private @Nullable Boolean thinking;

    ModelControls(JsonNode request, RelayTarget target, Losses losses) {
        this.request = request;
        this.card = target.card();
        this.losses = losses;
    }

    /** Whether the model will not think. */
    boolean thinkingDisabled() {
        return Boolean.FALSE.equals(thinking);
    }

    /** @param tools those on offer */
    void apply(ChatRequest.Builder chat, List<Tool> tools, Effort highest) {
        thinking();
        toolChoice(chat, tools);
        if (thinking != null) {
            chat.thinking(thinking);
        }
        JsonNode output = request.path("output_config");
        effort(chat, wantedEffort(output), highest);
        format(chat, output.has("format") ? output.path("format") : request.path("output_format"));
        output.propertyStream()
                .filter(member -> !member.getValue().isNull())
                .map(member -> member.getKey())
                .filter(name -> !name.equals("effort") && !name.equals("format"))
                .forEach(losses::ofOutput);
    }

    private void thinking() {
        JsonNode wanted = request.path("thinking");
        if (!wanted.isObject()) {
            return;
        }
        wanted.propertyStream()
                .filter(member ->
                        !member.getKey().equals("type") && !member.getValue().isNull())
                .forEach(member -> losses.ofThinking(member.getKey()));
        String type = wanted.path("type").asString("");
        if (!card.knows(Fact.THINKING) && !card.knows(Fact.THINKING_TYPES)) {
            losses.dropped(Losses.THINKING);
        } else if (!type.equals("disabled")) {
            thinking = true;
        } else if (mayBeDisabled()) {
            thinking = false;
        } else {
            losses.changed(Losses.THINKING);
        }
    }

    private boolean mayBeDisabled() {
        List<String> types = card.texts(Fact.THINKING_TYPES);
        return types != null && types.contains("disabled");
    }

    /** A turn may change the effort from there on: the last one holds now. */
    private JsonNode wantedEffort(JsonNode output) {
        JsonNode messages = request.path("messages");
        for (int i = messages.size() - 1; i >= 0; i--) {
            JsonNode ofTurn = messages.path(i).path("output_config").path("effort");
            if (ofTurn.isString()) {
                return ofTurn;
            }
        }
        return output.path("effort");
    }

    private void effort(ChatRequest.Builder chat, JsonNode wanted, Effort highest) {
        if (wanted.isMissingNode() || wanted.isNull()) {
            return;
        }
        Effort effort = Effort.of(wanted.asString(""));
        List<String> taken = efforts();
        String word = effort == null || taken == null || thinkingDisabled() ? null : effort.within(taken, highest);
        if (effort == null || word == null) {
            losses.dropped(Losses.EFFORT);
            return;
        }
        if (!word.equals(effort.wireName())) {
            losses.changed(Losses.EFFORT);
        }
        chat.reasoningEffort(word);
    }

    private @Nullable List<String> efforts() {
        boolean assumed =
                card.reasoning() && ALWAYS.equals(card.text(Fact.THINKING)) && !card.knows(Fact.THINKING_TYPES);
        List<String> taken = card.efforts();
        return taken == null && assumed ? ASSUMED_EFFORTS : taken;
    }

    private void format(ChatRequest.Builder chat, JsonNode format) {
        if (format.isMissingNode() || format.isNull()) {
            return;
        }
        if (format.path("type").asString("").equals("json_schema")
                && format.path("schema").isObject()) {
            String schema = Json.MAPPER.writeValueAsString(format.path("schema"));
            chat.responseFormat(ResponseFormat.jsonSchema("response", schema));
        } else {
            losses.dropped(Losses.FORMAT);
        }
    }

    private void toolChoice(ChatRequest.Builder chat, List<Tool> tools) {
        JsonNode choice = request.path("tool_choice");
        if (!choice.isObject()) {
            return;
        }
        if (choice.path("disable_parallel_tool_use").asBoolean(false)) {
            losses.dropped(Losses.PARALLEL);
        }
        String name = choice.path("name").asString("");
        switch (choice.path("type").asString("")) {
            case "auto" -> offered(chat, tools, Tool.Choice.AUTO);
            case "none" -> offered(chat, tools, Tool.Choice.NONE);
            case "any" -> forced(chat, tools, Tool.Choice.REQUIRED);
            case "tool" -> forced(chat, tools, Tool.Choice.named(name));
            default -> throw Invalid.request("tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'");
        }
    }

    private static void offered(ChatRequest.Builder chat, List<Tool> tools, Tool.Choice choice) {
        if (!tools.isEmpty()) {
            chat.toolChoice(choice);
        }
    }

    private void forced(ChatRequest.Builder chat, List<Tool> tools, Tool.Choice choice) {
        boolean known = choice.isNamed()
                ? tools.stream().anyMatch(tool -> tool.name().equals(choice.value()))
                : !tools.isEmpty();
        if (known && mayForce()) {
            chat.toolChoice(choice);
        } else {
            losses.changed(Losses.TOOL_CHOICE);
            offered(chat, tools, Tool.Choice.AUTO);
        }
    }

    /** Kimi forces no tool while it thinks; a client that does not say that it should think gets the tool. */
    private boolean mayForce() {
        String when = card.text(Fact.FORCED_TOOL_CHOICE);
        if (when == null) {
            return !ALWAYS.equals(card.text(Fact.THINKING));
        }
        if (!when.equals("without-thinking") || thinkingDisabled()) {
            return !when.equals("never");
        }
        if (thinking == null && mayBeDisabled()) {
            losses.changed(Losses.THINKING);
            thinking = false;
            return true;
        }
        return false;
    }
}
