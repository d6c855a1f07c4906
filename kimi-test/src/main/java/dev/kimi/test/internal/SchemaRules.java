package dev.kimi.test.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The JSON schema dialect of the service, as far as the simulator checks it, and values that fit a schema. */
final class SchemaRules {

    private static final Set<String> FORBIDDEN =
            Set.of("title", "format", "prefixItems", "exclusiveMinimum", "exclusiveMaximum");
    private static final int MAX_DEPTH = 32;

    private SchemaRules() {}

    /** What is wrong with the schema of a function's parameters, or null. */
    static @Nullable String breach(JsonNode schema) {
        if (schema.isMissingNode() || schema.isNull()) {
            return null;
        }
        return breach(schema, "root", true);
    }

    private static @Nullable String breach(JsonNode schema, String at, boolean root) {
        if (schema.has("$ref")) {
            boolean local = schema.path("$ref").asString("").startsWith("#/$defs/");
            return local ? null : "At path '" + at + "': only local references to $defs are supported";
        }
        if (!schema.has("type") && !schema.has("anyOf")) {
            return "At path '" + at + "': missing 'type' or 'anyOf' key";
        }
        for (String keyword : FORBIDDEN) {
            if (schema.has(keyword)) {
                return "At path '" + at + "': keyword '" + keyword + "' is not supported";
            }
        }
        if (!root && schema.has("$defs")) {
            return "At path '" + at + "': $defs is only supported at the root";
        }
        return children(schema, at);
    }

    private static @Nullable String children(JsonNode schema, String at) {
        List<String> found = new ArrayList<>();
        each(schema.path("properties"), at + ".properties.", found);
        each(schema.path("$defs"), at + ".$defs.", found);
        for (JsonNode option : schema.path("anyOf")) {
            add(found, breach(option, at + ".anyOf", false));
        }
        if (schema.path("items").isObject()) {
            add(found, breach(schema.path("items"), at + ".items", false));
        }
        return found.isEmpty() ? null : found.get(0);
    }

    private static void each(JsonNode object, String at, List<String> found) {
        for (Map.Entry<String, JsonNode> property : object.properties()) {
            add(found, breach(property.getValue(), at + property.getKey(), false));
        }
    }

    private static void add(List<String> found, @Nullable String breach) {
        if (breach != null) {
            found.add(breach);
        }
    }

    /** A small value that fits the schema, with the given text wherever a free string is wanted. */
    static Object example(JsonNode schema, String text) {
        return example(schema, schema, text, 0);
    }

    private static Object example(JsonNode schema, JsonNode root, String text, int depth) {
        if (depth > MAX_DEPTH) {
            return Map.of();
        }
        if (schema.path("enum").size() > 0) {
            return schema.path("enum").get(0);
        }
        if (schema.has("$ref")) {
            String name = schema.path("$ref").asString("").replace("#/$defs/", "");
            return example(root.path("$defs").path(name), root, text, depth + 1);
        }
        if (schema.path("anyOf").size() > 0) {
            return example(schema.path("anyOf").get(0), root, text, depth + 1);
        }
        return switch (schema.path("type").asString("object")) {
            case "string" -> text;
            case "integer" -> 1;
            case "number" -> 1.5;
            case "boolean" -> true;
            case "array" -> List.of(example(schema.path("items"), root, text, depth + 1));
            default -> object(schema, root, text, depth);
        };
    }

    private static Map<String, Object> object(JsonNode schema, JsonNode root, String text, int depth) {
        Map<String, Object> members = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            members.put(property.getKey(), example(property.getValue(), root, text, depth + 1));
        }
        return members;
    }
}
