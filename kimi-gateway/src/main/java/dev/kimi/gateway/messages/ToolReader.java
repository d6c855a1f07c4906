package dev.kimi.gateway.messages;

import dev.kimi.chat.Tool;
import dev.kimi.relay.RelayTarget;
import dev.kimi.service.ModelCard.Fact;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Translates the tools on offer: those of the client, by name, description and schema. Not thread-safe. */
final class ToolReader {

    private static final List<String> KEPT = List.of("type", "name", "description", "input_schema");

    private final RelayTarget target;
    private final Losses losses;
    private final MessagesProperties.ServerTools serverTools;

    ToolReader(RelayTarget target, Losses losses, MessagesProperties.ServerTools serverTools) {
        this.target = target;
        this.losses = losses;
        this.serverTools = serverTools;
    }

    List<Tool> tools(JsonNode tools) {
        if (tools.isMissingNode() || tools.isNull()) {
            return List.of();
        }
        if (!tools.isArray()) {
            throw Invalid.request("tools: Input should be a valid array");
        }
        List<Tool> offered = new ArrayList<>(tools.size());
        int index = 0;
        for (JsonNode tool : tools) {
            String path = "tools." + index++;
            String type = tool.path("type").asString("custom");
            if (type.equals("custom")) {
                offered.add(tool(tool, path));
            } else {
                notOffered(type, path);
            }
        }
        long most = target.card().count(Fact.TOOLS_MAX);
        if (most > 0 && offered.size() > most) {
            throw Invalid.request("tools: there are " + offered.size() + ", and " + target.model() + " takes at most "
                    + most + ". Offer fewer, or use a Claude model.");
        }
        return offered;
    }

    /** Descriptions by name. */
    static Map<String, String> descriptions(List<Tool> tools) {
        Map<String, String> descriptions = new LinkedHashMap<>();
        tools.forEach(tool -> descriptions.put(tool.name(), tool.description()));
        return descriptions;
    }

    private Tool tool(JsonNode tool, String path) {
        String name = tool.path("name").asString("");
        if (name.isBlank()) {
            throw Invalid.request(path + ".name: Field required");
        }
        JsonNode schema = tool.path("input_schema");
        if (!schema.isObject()) {
            throw Invalid.request(path + ".input_schema: Input should be a valid object");
        }
        tool.propertyStream()
                .filter(member -> !KEPT.contains(member.getKey()) && !isUnset(member.getValue()))
                .forEach(member -> losses.ofTool(member.getKey()));
        return Tool.function(name, tool.path("description").asString(""), Json.MAPPER.writeValueAsString(schema))
                .normalised();
    }

    private static boolean isUnset(JsonNode value) {
        return value.isNull() || value.isBoolean() && !value.asBoolean();
    }

    private void notOffered(String type, String path) {
        if (serverTools == MessagesProperties.ServerTools.REJECT) {
            throw Invalid.request(path + ": " + type + " is a tool of Anthropic's, which " + target.model()
                    + " does not have. Leave it out, or use a Claude model.");
        }
        losses.dropped(Losses.SERVER_TOOLS);
    }
}
