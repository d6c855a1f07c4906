package dev.kimi.gateway.completions;

import static dev.kimi.gateway.completions.CompletionsChat.rejected;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.Tool;
import tools.jackson.databind.JsonNode;

/** The tools on offer, and which must be called. */
final class ToolTranslation {

    private final JsonNode body;
    private final ChatRequest.Builder chat;
    private final TranslationNotes notes;

    ToolTranslation(JsonNode body, ChatRequest.Builder chat, TranslationNotes notes) {
        this.body = body;
        this.chat = chat;
        this.notes = notes;
    }

    void apply(ThinkingTranslation thinking) {
        JsonNode tools = body.path("tools");
        if (!Fields.isAbsent(tools) && !tools.isArray()) {
            throw rejected("\"tools\" must be an array.");
        }
        for (int i = 0; i < tools.size(); i++) {
            chat.tool(tool(tools.path(i), "tools[" + i + "]"));
        }
        JsonNode parallel = body.path("parallel_tool_calls");
        if (parallel.isBoolean()) {
            chat.parallelToolCalls(parallel.asBoolean());
        }
        JsonNode choice = body.path("tool_choice");
        // a choice without tools is an error at some services, and says nothing
        if (!Fields.isAbsent(choice) && !tools.isEmpty()) {
            chat.toolChoice(lawful(choice(choice), thinking));
        }
    }

    /** A tool that cannot be forced is left to the model, unless thinking is all that stands against it. */
    private Tool.Choice lawful(Tool.Choice choice, ThinkingTranslation thinking) {
        boolean forced = choice.isNamed() || choice == Tool.Choice.REQUIRED;
        if (!forced || thinking.allowsForcedTools(chat)) {
            return choice;
        }
        notes.changed("tool_choice");
        return Tool.Choice.AUTO;
    }

    private Tool tool(JsonNode tool, String where) {
        if (!tool.path("type").asString("").equals("function")) {
            throw rejected("\"" + where + ".type\" must be function: the model is one of a service that does not have"
                    + " tools of other types.");
        }
        JsonNode function = tool.path("function");
        JsonNode parameters = function.path("parameters");
        if (!Fields.isAbsent(parameters) && !parameters.isObject()) {
            throw rejected("\"" + where + ".function.parameters\" must be a JSON Schema object.");
        }
        if (tool.has("cache_control")) {
            notes.dropped("tools.cache_control");
        }
        Tool named = Tool.function(
                        Fields.name(function.path("name"), where + ".function.name"),
                        function.path("description").asString(""),
                        parameters.isObject() ? parameters.toString() : "")
                .normalised();
        JsonNode strict = function.path("strict");
        return strict.isBoolean() ? named.strict(strict.asBoolean()) : named;
    }

    private static Tool.Choice choice(JsonNode choice) {
        if (choice.isObject() && choice.path("type").asString("").equals("function")) {
            return Tool.Choice.named(Fields.name(choice.path("function").path("name"), "tool_choice.function.name"));
        }
        return switch (choice.asString("")) {
            case "auto" -> Tool.Choice.AUTO;
            case "none" -> Tool.Choice.NONE;
            case "required" -> Tool.Choice.REQUIRED;
            default -> throw rejected("\"tool_choice\" must be auto, none, required or a function by name.");
        };
    }
}
