package dev.kimi.internal.protocol.anthropic;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ResponseFormat;
import dev.kimi.chat.Tool;
import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.json.JsonWriter;
import dev.kimi.internal.protocol.BodySize;
import dev.kimi.internal.protocol.EncodeTarget;
import dev.kimi.internal.protocol.Omissions;
import dev.kimi.internal.protocol.ToolSchemas;
import dev.kimi.service.ModelCard;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes a request of the Messages protocol. What is not set is not sent, but for {@code max_tokens}, which the
 * protocol demands; what the caller gives as an extra field replaces the field of that name.
 */
final class MessagesRequestWriter {

    /** Sent where the request sets no cap: room for long thinking, within what every current model writes. */
    static final int DEFAULT_MAX_TOKENS = 32_000;

    /** What only a call takes, and a count of its tokens does not. */
    private static final Set<String> OF_RESPONSES = Set.of(
            "max_tokens",
            "stream",
            "stop_sequences",
            "temperature",
            "top_p",
            "top_k",
            "metadata",
            "service_tier",
            "inference_geo",
            "container",
            "diagnostics",
            "user_profile_id");

    private static final int MAX_BREAKPOINTS = 4;
    private static final Duration SHORT_CACHE = Duration.ofMinutes(5);
    private static final String EMPTY_SCHEMA = "{\"type\":\"object\",\"properties\":{}}";

    private final JsonWriter out;
    private final ChatRequest request;
    private final EncodeTarget target;
    private final Map<String, Object> extra;
    private final Omissions omissions;
    private final ThinkingField thinking;
    private final boolean withoutThinking;

    private final ToolSchemas schemas;

    MessagesRequestWriter(ChatRequest request, EncodeTarget target, ToolSchemas schemas, EarlierThinking earlier) {
        this.schemas = schemas;
        this.request = request;
        this.target = target;
        this.extra = target.fields(request.extra(), request.extra(Provenance.ANTHROPIC));
        this.omissions = new Omissions(target.here());
        this.withoutThinking = earlier == EarlierThinking.LEFT_OUT;
        this.thinking =
                new ThinkingField(request, target, extra.get(ThinkingField.NAME), earlier == EarlierThinking.DROPPED);
        this.out = new JsonWriter(BodySize.of(request));
    }

    ThinkingField thinking() {
        return thinking;
    }

    Omissions omissions() {
        return omissions;
    }

    /** The request as JSON; to be called once. */
    byte[] write() {
        request();
        return out.toByteArray();
    }

    /** What the request sets, or what is usual for the model, within what it can write. */
    static long cap(ChatRequest request, ModelCard card) {
        if (request.maxCompletionTokens() > 0) {
            return request.maxCompletionTokens();
        }
        long usual = card.count(ModelCard.Fact.OUTPUT_DEFAULT);
        long most = card.maxOutputTokens();
        return Math.min(usual > 0 ? usual : DEFAULT_MAX_TOKENS, most > 0 ? most : Long.MAX_VALUE);
    }

    private void request() {
        if (!target.own()) {
            request.extra().keySet().forEach(omissions::field);
        }
        out.beginObject();
        if (unset("model")) {
            out.field("model", target.model());
        }
        if (!target.counted() && unset("max_tokens")) {
            out.field("max_tokens", cap(request, target.card()));
        }
        conversation();
        tools();
        if (thinking.value() != null && unset(ThinkingField.NAME)) {
            out.name(ThinkingField.NAME).any(thinking.value());
        }
        outputConfig();
        if (!target.counted()) {
            response();
        }
        extra.forEach((name, value) -> {
            if (!target.counted() || !OF_RESPONSES.contains(name)) {
                out.name(name).any(name.equals(ThinkingField.NAME) ? thinking.value() : value);
            }
        });
        out.endObject();
    }

    private void response() {
        if (!request.stop().isEmpty() && unset("stop_sequences")) {
            out.name("stop_sequences").any(request.stop());
        }
        sampling();
        if (request.userId() != null && unset("metadata")) {
            out.name("metadata")
                    .beginObject()
                    .field("user_id", request.userId())
                    .endObject();
        }
        if (target.stream() && unset("stream")) {
            out.field("stream", true);
        }
    }

    private boolean unset(String field) {
        return !extra.containsKey(field);
    }

    /** System messages before all others are the prompt's own field; later ones stay where they are. */
    private void conversation() {
        List<Message> messages = request.messages();
        int first = 0;
        while (first < messages.size() && messages.get(first).role() == Message.Role.SYSTEM) {
            first++;
        }
        String lifetime = lifetime();
        MessagesWriter writer =
                new MessagesWriter(out, target, new SentBlocks(target, omissions, withoutThinking), lifetime);
        if (first > 0 && unset("system")) {
            writer.system(messages.subList(0, first));
        }
        if (unset("messages")) {
            out.name("messages").beginArray();
            writer.turns(messages.subList(first, messages.size()));
            out.endArray();
        }
        long marked = messages.stream().filter(Message::cacheBreakpoint).count();
        long breakpoints = unset("cache_control") ? marked : marked + 1;
        if (breakpoints > MAX_BREAKPOINTS) {
            throw BlockWriter.rejected(
                    "cache_control",
                    "The conversation has " + breakpoints + " cache breakpoints, and the service takes "
                            + MAX_BREAKPOINTS + ".",
                    "Leave out the oldest: the newest keep all that stands before them.");
        }
        if (request.cacheLifetime() != null && marked == 0 && unset("cache_control")) {
            out.name("cache_control");
            BlockWriter.cacheControl(out, lifetime);
        }
    }

    /** The lifetime that the service sells and that holds at least as long, or null for its shortest. */
    private @Nullable String lifetime() {
        Duration wanted = request.cacheLifetime();
        return wanted == null || wanted.compareTo(SHORT_CACHE) <= 0 ? null : "1h";
    }

    private void tools() {
        if (!request.tools().isEmpty() && unset("tools")) {
            out.name("tools").beginArray();
            request.tools().forEach(this::tool);
            out.endArray();
        }
        Tool.Choice choice = request.toolChoice();
        boolean single = Boolean.FALSE.equals(request.parallelToolCalls());
        if (choice == null && !(single && !request.tools().isEmpty()) || !unset("tool_choice")) {
            return;
        }
        out.name("tool_choice").beginObject();
        String type = choice == null ? "auto" : choice.value();
        if (choice != null && choice.isNamed()) {
            out.field("type", "tool").field("name", choice.value());
        } else {
            out.field("type", type.equals("required") ? "any" : type);
        }
        if (single && !type.equals("none")) {
            out.field("disable_parallel_tool_use", true);
        }
        out.endObject();
    }

    private void tool(Tool tool) {
        if (tool.builtin()) {
            throw BlockWriter.rejected(
                    "tools",
                    "The tool " + tool.name() + " is built into another service.",
                    "Offer a function, or give this service's own tools as the extra field tools.");
        }
        out.beginObject().field("name", tool.name());
        if (!tool.description().isEmpty()) {
            out.field("description", tool.description());
        }
        json("input_schema", tool.parameters().isBlank() ? EMPTY_SCHEMA : schemas.of(tool, target, omissions), "tools");
        Boolean strict = tool.strict();
        if (strict != null) {
            out.field("strict", strict.booleanValue());
        }
        out.endObject();
    }

    private void outputConfig() {
        String effort = request.reasoningEffort();
        ResponseFormat format = request.responseFormat();
        String schema = format == null ? null : format.schema();
        if (format != null && schema == null && format != ResponseFormat.TEXT) {
            throw BlockWriter.rejected(
                    "output_config",
                    "The service has no response format " + format.type() + ".",
                    "Give a schema: ResponseFormat.jsonSchema(…).");
        }
        if (effort == null && schema == null || !unset("output_config")) {
            return;
        }
        out.name("output_config").beginObject();
        if (effort != null) {
            out.field("effort", effort);
        }
        if (schema != null) {
            out.name("format").beginObject().field("type", "json_schema");
            json("schema", schema, "output_config");
            out.endObject();
        }
        out.endObject();
    }

    private void sampling() {
        Double temperature = request.temperature();
        if (temperature != null && unset("temperature")) {
            out.name("temperature").value(temperature.doubleValue());
        }
        Double topP = request.topP();
        if (topP != null && unset("top_p")) {
            out.name("top_p").value(topP.doubleValue());
        }
    }

    private void json(String name, String schema, String param) {
        try {
            out.name(name).json(schema);
        } catch (JsonException e) {
            throw BlockWriter.rejected(
                    param, "A schema in the request is no JSON.", "Give a schema that is one JSON object.");
        }
    }
}
