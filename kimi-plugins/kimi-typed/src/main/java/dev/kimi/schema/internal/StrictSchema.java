package dev.kimi.schema.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Brings a schema into the form that both services accept in strict mode, or says why there is none. Kimi wants a type
 * everywhere and rejects {@code format} and {@code title}; Claude wants every object closed and nothing recursive, and
 * limits unions, which null makes of a type, as well as members that may be left out.
 */
final class StrictSchema {

    private static final Set<String> KEYWORDS = Set.of(
            "type",
            "properties",
            "required",
            "additionalProperties",
            "items",
            "enum",
            "anyOf",
            "$ref",
            "$defs",
            "description");
    private static final String DEFINITIONS = "#/$defs/";
    private static final int MAX_UNIONS = 16;
    private static final int MAX_LEFT_OUT = 24;
    private static final Map<String, String> FORMATS = Map.of(
            "date", "ISO 8601 date, such as 2026-11-27",
            "date-time", "ISO 8601 date and time, such as 2026-11-27T15:04:05Z",
            "time", "ISO 8601 time, such as 15:04:05Z",
            "duration", "ISO 8601 duration, such as PT15M",
            "uuid", "UUID",
            "uri", "URI");

    private final ObjectNode root;
    private final String owner;
    private int unions;
    private int leftOut;

    private StrictSchema(ObjectNode root, String owner) {
        this.root = root;
        this.owner = owner;
    }

    /** @param owner what the schema is of, for messages */
    static String of(ObjectNode schema, String owner) {
        StrictSchema strict = new StrictSchema(schema, owner);
        if (!"object".equals(schema.path("type").asString(""))) {
            throw strict.impossible("$", "is no object: put it into a record");
        }
        for (Map.Entry<String, JsonNode> definition : schema.path("$defs").properties()) {
            strict.visit(definition.getValue(), "$defs." + definition.getKey());
        }
        strict.visit(schema, "$");
        strict.limitUnions();
        strict.checkEnds(schema, new ArrayList<>());
        JsonNode definitions = schema.remove("$defs");
        if (definitions != null) {
            schema.set("$defs", definitions);
        }
        return Values.MAPPER.writeValueAsString(schema);
    }

    private void visit(JsonNode node, String at) {
        if (!(node instanceof ObjectNode schema)) {
            throw impossible(at, "has no type: name a record, an enum, a list or a simple type");
        }
        rewrite(schema);
        for (String keyword : schema.propertyNames()) {
            if (!KEYWORDS.contains(keyword)) {
                throw impossible(at, "needs the keyword '" + keyword + "', which is not supported in strict mode");
            }
        }
        if (schema.has("$ref")) {
            if (!schema.path("$ref").asString("").startsWith(DEFINITIONS)) {
                throw impossible(at, "contains itself, which is not supported in strict mode");
            }
            return;
        }
        if (!schema.has("type") && !schema.has("anyOf")) {
            throw impossible(at, "has no type: name a record, an enum, a list or a simple type");
        }
        if ("object".equals(schema.path("type").asString(""))) {
            checkClosed(schema, at);
        }
        schema.path("properties").properties().forEach(each -> visit(each.getValue(), at + "." + each.getKey()));
        schema.path("anyOf").forEach(option -> visit(option, at));
        if (schema.has("items")) {
            visit(schema.path("items"), at + "[]");
        }
    }

    private static void rewrite(ObjectNode schema) {
        JsonNode format = schema.remove("format");
        String explained = format == null ? null : FORMATS.get(format.asString(""));
        if (explained != null) {
            String said = schema.path("description").asString("");
            schema.put("description", said.isEmpty() ? explained : said + " (" + explained + ")");
        }
        JsonNode constant = schema.remove("const");
        if (constant != null) {
            schema.putArray("enum").add(constant);
        }
        if (!schema.has("type") && schema.path("enum").path(0).isString()) {
            schema.put("type", "string");
        }
        if (schema.path("anyOf") instanceof ArrayNode options) {
            schema.remove("additionalProperties");
            if (isNull(options.path(0))) {
                options.add(options.remove(0));
            }
        }
    }

    private static boolean isNull(JsonNode schema) {
        return "null".equals(schema.path("type").asString(""));
    }

    private void checkClosed(ObjectNode schema, String at) {
        JsonNode more = schema.path("additionalProperties");
        if (!more.isBoolean() || more.asBoolean() || (schema.path("properties").isEmpty() && schema != root)) {
            throw impossible(at, "is an object with any members, such as a map: use a list of records");
        }
    }

    /** Of the members that accept null, those beyond the limit of unions may be left out instead. */
    private void limitUnions() {
        List<ObjectNode> objects = new ArrayList<>();
        collect(root, objects);
        root.path("$defs").forEach(definition -> collect(definition, objects));
        long nullable = objects.stream().mapToLong(StrictSchema::nullable).sum();
        long stay = Math.max(0, MAX_UNIONS - (unions - nullable));
        for (ObjectNode object : objects) {
            for (Map.Entry<String, JsonNode> member :
                    List.copyOf(object.path("properties").properties())) {
                if (isNullable(member.getValue()) && stay-- <= 0) {
                    leaveOut(object, member.getKey(), member.getValue());
                }
            }
        }
        if (leftOut > MAX_LEFT_OUT) {
            throw impossible(
                    "$",
                    "has " + nullable + " members that may be absent, of which services take "
                            + (nullable - leftOut + MAX_LEFT_OUT) + ": divide it into several records");
        }
    }

    private void collect(JsonNode node, List<ObjectNode> objects) {
        if (node instanceof ObjectNode object && object.has("properties")) {
            objects.add(object);
        }
        unions += node.has("anyOf") ? 1 : 0;
        node.path("properties").forEach(property -> collect(property, objects));
        node.path("anyOf").forEach(option -> collect(option, objects));
        if (node.has("items")) {
            collect(node.path("items"), objects);
        }
    }

    private static long nullable(ObjectNode object) {
        return object.path("properties")
                .valueStream()
                .filter(StrictSchema::isNullable)
                .count();
    }

    /** Whether it is one type or null. */
    private static boolean isNullable(JsonNode schema) {
        JsonNode options = schema.path("anyOf");
        return options.size() == 2 && isNull(options.path(1));
    }

    private void leaveOut(ObjectNode object, String name, JsonNode nullable) {
        leftOut++;
        ObjectNode value = (ObjectNode) nullable.path("anyOf").path(0);
        if (nullable.has("description")) {
            value.set("description", nullable.path("description"));
        }
        ((ObjectNode) object.path("properties")).set(name, value);
        ((ArrayNode) object.path("required")).removeIf(each -> name.equals(each.asString("")));
    }

    /** Follows references, and finds those that lead back. */
    private void checkEnds(JsonNode node, List<String> way) {
        String name = node.path("$ref").asString("");
        if (!name.isEmpty()) {
            if (way.contains(name)) {
                throw impossible(
                        name.substring(DEFINITIONS.length()), "contains itself, which is not supported in strict mode");
            }
            way.add(name);
            checkEnds(root.path("$defs").path(name.substring(DEFINITIONS.length())), way);
            way.remove(name);
            return;
        }
        node.path("properties").forEach(property -> checkEnds(property, way));
        node.path("anyOf").forEach(option -> checkEnds(option, way));
        if (node.has("items")) {
            checkEnds(node.path("items"), way);
        }
    }

    private IllegalArgumentException impossible(String at, String why) {
        return new IllegalArgumentException("No strict schema for " + owner + ": " + at + " " + why);
    }
}
