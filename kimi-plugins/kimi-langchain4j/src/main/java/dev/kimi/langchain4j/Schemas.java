package dev.kimi.langchain4j;

import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.json.JsonAnyOfSchema;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonBooleanSchema;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonIntegerSchema;
import dev.langchain4j.model.chat.request.json.JsonNullSchema;
import dev.langchain4j.model.chat.request.json.JsonNumberSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonReferenceSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import dev.langchain4j.model.chat.request.json.JsonStringSchema;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes schemas of LangChain4j as JSON Schema, without what only its internals know. */
final class Schemas {

    private static final String NO_PARAMETERS = "{\"type\":\"object\",\"properties\":{}}";

    private final boolean closed;

    private Schemas(boolean closed) {
        this.closed = closed;
    }

    /** @param strict whether objects take no other members than those that are listed */
    static String ofTool(@Nullable JsonObjectSchema parameters, boolean strict) {
        return parameters == null ? NO_PARAMETERS : new Schemas(strict).text(parameters);
    }

    /** Objects take no other members: Claude rejects a format that leaves it open. */
    static String ofFormat(JsonSchemaElement root) {
        return new Schemas(true).text(root);
    }

    private String text(JsonSchemaElement element) {
        if (element instanceof JsonRawSchema raw) {
            return raw.schema();
        }
        if (element instanceof JsonReferenceSchema reference) {
            return "{\"$ref\":" + JsonText.quoted("#/$defs/" + reference.reference()) + "}";
        }
        StringJoiner members = new StringJoiner(",", "{", "}");
        String type = type(element);
        if (type != null) {
            members.add("\"type\":\"" + type + "\"");
        }
        if (element.description() != null) {
            members.add("\"description\":" + JsonText.quoted(element.description()));
        }
        if (element instanceof JsonObjectSchema object) {
            object(object, members);
        } else if (element instanceof JsonArraySchema array) {
            members.add("\"items\":" + (array.items() == null ? "{}" : text(array.items())));
        } else if (element instanceof JsonEnumSchema values) {
            members.add("\"enum\":" + texts(values.enumValues()));
        } else if (element instanceof JsonAnyOfSchema options) {
            members.add(
                    "\"anyOf\":" + options.anyOf().stream().map(this::text).collect(Collectors.joining(",", "[", "]")));
        }
        return members.toString();
    }

    private void object(JsonObjectSchema object, StringJoiner members) {
        members.add("\"properties\":" + texts(object.properties()));
        if (object.required() != null && !object.required().isEmpty()) {
            members.add("\"required\":" + texts(object.required()));
        }
        if (closed || object.additionalProperties() != null) {
            members.add("\"additionalProperties\":" + (!closed && object.additionalProperties()));
        }
        if (object.definitions() != null && !object.definitions().isEmpty()) {
            members.add("\"$defs\":" + texts(object.definitions()));
        }
    }

    private String texts(Map<String, JsonSchemaElement> elements) {
        return elements.entrySet().stream()
                .map(entry -> JsonText.quoted(entry.getKey()) + ":" + text(entry.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String texts(List<String> values) {
        return values.stream().map(JsonText::quoted).collect(Collectors.joining(",", "[", "]"));
    }

    /** The type's name, or null for what may be of several. */
    private static @Nullable String type(JsonSchemaElement element) {
        if (element instanceof JsonObjectSchema) {
            return "object";
        }
        if (element instanceof JsonArraySchema) {
            return "array";
        }
        if (element instanceof JsonStringSchema || element instanceof JsonEnumSchema) {
            return "string";
        }
        if (element instanceof JsonIntegerSchema) {
            return "integer";
        }
        if (element instanceof JsonNumberSchema) {
            return "number";
        }
        if (element instanceof JsonBooleanSchema) {
            return "boolean";
        }
        if (element instanceof JsonNullSchema) {
            return "null";
        }
        if (element instanceof JsonAnyOfSchema) {
            return null;
        }
        throw new UnsupportedFeatureException(
                "There is no JSON Schema for a " + element.getClass().getName() + ": use JsonRawSchema.");
    }
}
