package dev.kimi.internal.protocol.openai;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ResponseFormat;
import dev.kimi.chat.Tool;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.json.JsonWriter;
import dev.kimi.internal.protocol.BodySize;
import dev.kimi.internal.protocol.EncodeTarget;
import dev.kimi.internal.protocol.EncodedChat;
import dev.kimi.internal.protocol.Omissions;
import dev.kimi.internal.protocol.ToolSchemas;
import dev.kimi.service.ModelCard.Fact;
import java.util.List;
import java.util.Map;

/**
 * Writes an OpenAI-style request. What is not set is not sent; what the caller gives as an extra field replaces the
 * field of that name.
 */
final class OpenAiRequestWriter {

    private static final List<String> COUNTED = List.of("model", "messages");

    private final JsonWriter out;
    private final ChatRequest request;
    private final EncodeTarget target;
    private final Map<String, Object> extra;
    private final Omissions omissions;

    private final ToolSchemas schemas;

    private OpenAiRequestWriter(ChatRequest request, EncodeTarget target, ToolSchemas schemas) {
        this.schemas = schemas;
        this.request = request;
        this.target = target;
        this.extra = target.fields(request.extra(), request.extra(Provenance.OPENAI));
        this.omissions = new Omissions(target.here());
        this.out = new JsonWriter(BodySize.of(request));
    }

    static EncodedChat write(ChatRequest request, EncodeTarget target, ToolSchemas schemas) {
        OpenAiRequestWriter writer = new OpenAiRequestWriter(request, target, schemas);
        if (target.counted()) {
            writer.count();
        } else {
            writer.request();
        }
        return new EncodedChat(EncodedChat.JSON, writer.out.toByteArray(), writer.omissions.notes());
    }

    /** Model and messages; the service's count takes nothing else. */
    private void count() {
        out.beginObject();
        conversation();
        for (String field : COUNTED) {
            if (extra.containsKey(field)) {
                out.name(field).any(extra.get(field));
            }
        }
        out.endObject();
        if (!request.tools().isEmpty() || !unset("tools")) {
            omissions.uncounted("tools");
        }
    }

    private void request() {
        if (!target.own()) {
            request.extra().keySet().forEach(omissions::field);
        }
        out.beginObject();
        conversation();
        limits();
        reasoning();
        tools();
        format();
        identity();
        if (target.stream()) {
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

    private void conversation() {
        if (unset("model")) {
            out.field("model", target.model());
        }
        if (unset("messages")) {
            OpenAiMessageWriter messages = new OpenAiMessageWriter(out, target, omissions);
            out.name("messages").beginArray();
            request.messages().forEach(messages::write);
            out.endArray();
        }
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

    /** K3 thinks by default and documents no value that switches it on. */
    private boolean takesEnabled() {
        String thinks = target.card().text(Fact.THINKING);
        List<String> types = target.card().texts(Fact.THINKING_TYPES);
        return thinks == null || thinks.equals("when-enabled") || types != null && types.contains("enabled");
    }

    private void reasoning() {
        if (request.reasoningEffort() != null && unset("reasoning_effort")) {
            out.field("reasoning_effort", request.reasoningEffort());
        }
        Boolean thinking = request.thinking();
        if (thinking != null && unset("thinking") && (!thinking || takesEnabled())) {
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
        Boolean parallel = request.parallelToolCalls();
        if (parallel != null && unset("parallel_tool_calls")) {
            out.field("parallel_tool_calls", parallel.booleanValue());
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

    private void identity() {
        if (request.userId() != null && unset("safety_identifier")) {
            out.field("safety_identifier", request.userId());
        }
        if (request.sessionId() != null && unset("prompt_cache_key")) {
            out.field("prompt_cache_key", request.sessionId());
        }
    }

    private void tool(Tool tool) {
        out.beginObject().field("type", tool.builtin() ? "builtin_function" : "function");
        out.name("function").beginObject().field("name", tool.name());
        if (!tool.description().isEmpty()) {
            out.field("description", tool.description());
        }
        if (!tool.parameters().isBlank()) {
            json("parameters", schemas.of(tool, target, omissions), "tools");
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
}
