package dev.kimi.test.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The rules for schemas that the service compiles: that of the response format, and those of strict tools. They share
 * the limits of members that may be left out and of unions.
 */
final class ClaudeSchemaRules {

    private static final int MAX_OPTIONAL = 24;
    private static final int MAX_UNIONS = 16;
    private static final String DEFINITIONS = "#/$defs/";
    private static final List<String> UNSUPPORTED = List.of(
            "exclusiveMaximum",
            "exclusiveMinimum",
            "maxItems",
            "maxLength",
            "maxProperties",
            "maximum",
            "minLength",
            "minProperties",
            "minimum",
            "multipleOf",
            "patternProperties",
            "uniqueItems");

    private final List<String> errors = new ArrayList<>();
    private int optional;
    private int unions;
    private JsonNode root;
    private String at = "";

    private ClaudeSchemaRules(JsonNode request) {
        this.root = request;
    }

    static @Nullable ApiError check(JsonNode request) {
        ClaudeSchemaRules rules = new ClaudeSchemaRules(request);
        JsonNode format = request.path("output_config").path("format");
        if (!format.isMissingNode()) {
            if (!"json_schema".equals(Json.text(format, "type"))) {
                return ApiError.invalid("output_config.format.type: Input should be 'json_schema'");
            }
            if (!format.path("schema").isObject()) {
                return ApiError.invalid("output_config.format.schema: Field required");
            }
            rules.schema(format.path("schema"), "output_config.format.schema: ");
        }
        JsonNode tools = request.path("tools");
        for (int i = 0; i < tools.size(); i++) {
            if (tools.get(i).path("strict").asBoolean(false)) {
                rules.schema(tools.get(i).path("input_schema"), "tools." + i + ".custom: ");
            }
        }
        return rules.result();
    }

    private @Nullable ApiError result() {
        if (errors.isEmpty() && unions > MAX_UNIONS) {
            errors.add("Schemas contains too many parameters with union types (" + unions
                    + " parameters with type arrays or anyOf) which would cause exponential compilation cost. Reduce"
                    + " the number of nullable or union-typed parameters (limit: " + MAX_UNIONS
                    + " parameters with unions).");
        }
        if (errors.isEmpty() && optional > MAX_OPTIONAL) {
            errors.add("Schemas contains too many optional parameters (" + optional
                    + "), which would make grammar compilation inefficient. Reduce the number of optional parameters"
                    + " in your tool schemas (limit: " + MAX_OPTIONAL + ").");
        }
        return errors.isEmpty() ? null : ApiError.invalid(errors.get(0));
    }

    private void schema(JsonNode schema, String place) {
        root = schema;
        at = place;
        schema.path("$defs").properties().forEach(definition -> visit(definition.getValue()));
        visit(schema);
        follow(schema, new ArrayList<>());
    }

    private void visit(JsonNode schema) {
        String type = schema.path("type").asString("");
        boolean closed = schema.path("additionalProperties").isBoolean()
                && !schema.path("additionalProperties").asBoolean();
        if ("object".equals(type) && !closed) {
            errors.add(at + "For 'object' type, 'additionalProperties' must be explicitly set to false");
        }
        TreeSet<String> unsupported = new TreeSet<>(UNSUPPORTED);
        unsupported.retainAll(schema.propertyNames());
        if (!unsupported.isEmpty()) {
            errors.add(at + "For '" + type + "' type, properties " + String.join(", ", unsupported)
                    + " are not supported");
        }
        if (schema.path("anyOf").isArray() || schema.path("type").isArray()) {
            unions++;
        }
        List<String> required = new ArrayList<>();
        schema.path("required").forEach(name -> required.add(name.asString("")));
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            optional += required.contains(property.getKey()) ? 0 : 1;
            visit(property.getValue());
        }
        schema.path("anyOf").forEach(this::visit);
        if (schema.path("items").isObject()) {
            visit(schema.path("items"));
        }
    }

    /** Finds references that lead back to where they stand. */
    private void follow(JsonNode schema, List<String> way) {
        String name = schema.path("$ref").asString("");
        if (!name.isEmpty()) {
            if (!name.startsWith(DEFINITIONS) || way.contains(name)) {
                errors.add(at + "Recursive schemas and external references are not supported");
                return;
            }
            way.add(name);
            follow(root.path("$defs").path(name.substring(DEFINITIONS.length())), way);
            way.remove(name);
            return;
        }
        schema.path("properties").forEach(property -> follow(property, way));
        schema.path("anyOf").forEach(option -> follow(option, way));
        if (schema.path("items").isObject()) {
            follow(schema.path("items"), way);
        }
    }
}
