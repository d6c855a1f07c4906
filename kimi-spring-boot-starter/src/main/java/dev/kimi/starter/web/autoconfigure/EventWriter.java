package dev.kimi.starter.web.autoconfigure;

import dev.kimi.chat.ChatEvent;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.ser.std.StdSerializer;

/**
 * Writes the type of an event always. By itself Jackson does so only where it knows that an event is declared, and not
 * within a {@code Map<String, Object>} or a raw list.
 */
final class EventWriter extends StdSerializer<ChatEvent> {

    EventWriter() {
        super(ChatEvent.class);
    }

    @Override
    public void serialize(ChatEvent event, JsonGenerator json, SerializationContext context) {
        json.writeStartObject(event);
        if (event instanceof ChatEvent.Text text) {
            json.writeStringProperty("type", "text");
            json.writeStringProperty("value", text.value());
        } else if (event instanceof ChatEvent.Reasoning reasoning) {
            json.writeStringProperty("type", "reasoning");
            json.writeStringProperty("value", reasoning.value());
        } else if (event instanceof ChatEvent.ToolFragment fragment) {
            json.writeStringProperty("type", "tool-fragment");
            json.writeNumberProperty("index", fragment.index());
            json.writeStringProperty("id", fragment.id());
            json.writeStringProperty("name", fragment.name());
            json.writeStringProperty("arguments", fragment.arguments());
        } else if (event instanceof ChatEvent.Tokens tokens) {
            json.writeStringProperty("type", "tokens");
            context.defaultSerializeProperty("usage", tokens.usage(), json);
        } else if (event instanceof ChatEvent.Finished finished) {
            json.writeStringProperty("type", "finished");
            json.writeStringProperty("reason", finished.reason().value());
        } else if (event instanceof ChatEvent.Other other) {
            json.writeStringProperty("type", "other");
            json.writeStringProperty("kind", other.type());
            json.writeStringProperty("json", other.json());
        }
        json.writeEndObject();
    }

    @Override
    public void serializeWithType(
            ChatEvent event, JsonGenerator json, SerializationContext context, TypeSerializer ignored) {
        serialize(event, json, context);
    }
}
