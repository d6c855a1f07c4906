package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.ResponseFormat;
import dev.kimi.chat.Tool;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.json.JsonWriter;
import java.util.List;
import java.util.Map;

/**
 * Writes an OpenAI-style request. What is not set is not sent; what the caller gives as an extra field replaces the
 * field of that name.
 */
final class OpenAiRequestWriter {

    private final JsonWriter out;
    private final ChatRequest request;
    private final Map<String, Object> extra;

    private OpenAiRequestWriter(ChatRequest request) {
        this.request = request;
        this.extra = request.extra();
        int size = 512;
        for (Message message : request.messages()) {
            size += 64 + Math.min(message.text().length(), 1 << 20);
        }
        this.out = new JsonWriter(size + size / 8);
    }

    static byte[] write(ChatRequest request, String model, boolean stream) {
        OpenAiRequestWriter writer = new OpenAiRequestWriter(request);
        writer.request(model, stream);
        return writer.out.toByteArray();
    }

    private void request(String model, boolean stream) {
        out.beginObject();
        if (unset("model")) {
            out.field("model", model);
        }
        if (unset("messages")) {
            out.name("messages").beginArray();
            request.messages().forEach(this::message);
            out.endArray();
        }
        limits();
        reasoning(model);
        tools();
        format();
        if (stream) {
            out.field("stream", true);
            if (unset("stream_options")) {
                out.name("stream_options")
                        .beginObject()
                        .field("include_usage", true)
                        .endObject();
            }
        }
        extra.forEach((name, value) -> out.name(name).any(value));
        out.endObject();
    }

    private boolean unset(String field) {
        return !extra.containsKey(field);
    }

    private void limits() {
        if (request.maxCompletionTokens() > 0 && unset("max_completion_tokens")) {
            out.field("max_completion_tokens", request.maxCompletionTokens());
        }
        if (!request.stop().isEmpty() && unset("stop")) {
            out.name("stop").any(request.stop());
        }
        Double temperature = request.temperature();
        if (temperature != null && unset("temperature")) {
            out.name("temperature").value(temperature.doubleValue());
        }
        Double topP = request.topP();
        if (topP != null && unset("top_p")) {
            out.name("top_p").value(topP.doubleValue());
        }
    }

    private void reasoning(String model) {
        if (request.reasoningEffort() != null && unset("reasoning_effort")) {
            out.field("reasoning_effort", request.reasoningEffort());
        }
        Boolean thinking = request.thinking();
        // K3 thinks unless told not to and has no documented way of being told to.
        if (thinking != null && unset("thinking") && !(thinking && model.startsWith("kimi-k3"))) {
            out.name("thinking")
                    .beginObject()
                    .field("type", thinking ? "enabled" : "disabled")
                    .endObject();
        }
    }

    private void tools() {
        if (!request.tools().isEmpty() && unset("tools")) {
            out.name("tools").beginArray();
            request.tools().forEach(this::tool);
            out.endArray();
        }
        Tool.Choice choice = request.toolChoice();
        if (choice != null && unset("tool_choice")) {
            out.name("tool_choice");
            if (choice.isNamed()) {
                out.beginObject().field("type", "function");
                out.name("function").beginObject().field("name", choice.value()).endObject();
                out.endObject();
            } else {
                out.value(choice.value());
            }
        }
    }

    private void tool(Tool tool) {
        out.beginObject().field("type", tool.builtin() ? "builtin_function" : "function");
        out.name("function").beginObject().field("name", tool.name());
        if (!tool.description().isEmpty()) {
            out.field("description", tool.description());
        }
        if (!tool.parameters().isBlank()) {
            json("parameters", tool.parameters(), "tools");
        }
        Boolean strict = tool.strict();
        if (strict != null) {
            out.field("strict", strict.booleanValue());
        }
        out.endObject().endObject();
    }

    private void format() {
        ResponseFormat format = request.responseFormat();
        if (format == null || !unset("response_format")) {
            return;
        }
        out.name("response_format").beginObject().field("type", format.type());
        String schema = format.schema();
        if (schema != null) {
            out.name("json_schema").beginObject().field("name", format.name());
            json("schema", schema, "response_format");
            out.endObject();
        }
        out.endObject();
    }

    private void json(String name, String schema, String param) {
        try {
            out.name(name).json(schema);
        } catch (JsonException e) {
            String fix = "Give a schema that is one JSON object.";
            throw new InvalidRequestException(
                    "A schema in the request is no JSON. " + fix, KimiException.Details.NONE, param, fix);
        }
    }

    private void message(Message message) {
        boolean assistant = message.role() == Message.Role.ASSISTANT;
        boolean silent =
                assistant && message.parts().isEmpty() && message.text().isEmpty();
        Map<String, Object> more = message.extra();
        if (silent && message.toolCalls().isEmpty() && onlyReasoning(more)) {
            // The service refuses a turn that says nothing; it adds nothing to the conversation either.
            return;
        }
        out.beginObject().field("role", message.role().wireName());
        // An empty text beside tool calls is refused; a missing one is not.
        if (!more.containsKey("content") && !(silent && !message.toolCalls().isEmpty())) {
            content(message);
        }
        String reasoning = message.reasoning();
        if (reasoning != null && !more.containsKey("reasoning_content") && !more.containsKey("reasoning")) {
            out.field("reasoning_content", reasoning);
        }
        if (!message.toolCalls().isEmpty() && !more.containsKey("tool_calls")) {
            calls(message.toolCalls());
        }
        if (message.toolCallId() != null && !more.containsKey("tool_call_id")) {
            out.field("tool_call_id", message.toolCallId());
        }
        more.forEach((name, value) -> out.name(name).any(value));
        out.endObject();
    }

    private static boolean onlyReasoning(Map<String, Object> extra) {
        return extra.keySet().stream().allMatch(name -> name.equals("reasoning") || name.equals("reasoning_details"));
    }

    private void content(Message message) {
        out.name("content");
        if (message.parts().isEmpty()) {
            out.value(message.text());
            return;
        }
        out.beginArray();
        for (ContentPart part : message.parts()) {
            if (part instanceof ContentPart.Text text) {
                out.beginObject()
                        .field("type", "text")
                        .field("text", text.text())
                        .endObject();
            } else if (part instanceof ContentPart.Image image) {
                out.beginObject().field("type", "image_url");
                out.name("image_url").beginObject().field("url", image.url()).endObject();
                out.endObject();
            }
        }
        out.endArray();
    }

    private void calls(List<ToolCall> calls) {
        out.name("tool_calls").beginArray();
        for (ToolCall call : calls) {
            out.beginObject().field("id", call.id()).field("type", "function");
            out.name("function").beginObject();
            out.field("name", call.name()).field("arguments", call.arguments()).endObject();
            out.endObject();
        }
        out.endArray();
    }
}
