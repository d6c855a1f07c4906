package dev.kimi.internal.protocol;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the type of a JSON schema that does not say it. */
final class SchemaTypes {

    private static final List<String> ALL = List.of("string", "number", "boolean", "object", "array", "null");
    /** In the order in which they are looked at: keywords that stand in schemas of one type only. */
    private static final Map<String, Set<String>> KEYWORDS = keywords();

    private SchemaTypes() {}

    private static Map<String, Set<String>> keywords() {
        Map<String, Set<String>> keywords = new LinkedHashMap<>();
        keywords.put(
                "object",
                Set.of(
                        "properties",
                        "required",
                        "additionalProperties",
                        "patternProperties",
                        "propertyNames",
                        "minProperties",
                        "maxProperties"));
        keywords.put("array", Set.of("items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems"));
        keywords.put("string", Set.of("pattern", "minLength", "maxLength", "contentEncoding", "contentMediaType"));
        keywords.put("number", Set.of("minimum", "maximum", "multipleOf"));
        return keywords;
    }

    /**
     * The schema with its type: what its values or keywords say, else what its branches have in common, else the usual
     * one, else any of all types.
     *
     * @param schema changed and returned
     */
    static Map<String, @Nullable Object> added(Map<String, @Nullable Object> schema, @Nullable String usual) {
        if (schema.get("enum") instanceof List<?> values && !values.isEmpty()) {
            return ofValues(schema, values);
        }
        if (schema.containsKey("const")) {
            return first(schema, typeOf(schema.get("const")));
        }
        for (Map.Entry<String, Set<String>> kind : KEYWORDS.entrySet()) {
            if (kind.getValue().stream().anyMatch(schema::containsKey)) {
                return first(schema, kind.getKey());
            }
        }
        if (schema.remove("oneOf") instanceof List<?> branches) {
            schema.put("anyOf", branches);
            return schema;
        }
        String common = schema.get("allOf") instanceof List<?> parts ? common(parts) : null;
        if (common != null || usual != null) {
            return first(schema, common == null ? String.valueOf(usual) : common);
        }
        List<Object> any = new ArrayList<>(ALL.size());
        ALL.forEach(type -> any.add(Map.of("type", type)));
        schema.put("anyOf", any);
        return schema;
    }

    private static Map<String, @Nullable Object> first(Map<String, @Nullable Object> schema, String type) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put("type", type);
        all.putAll(schema);
        return all;
    }

    /** Values of several types are branches, one for each type. */
    private static Map<String, @Nullable Object> ofValues(Map<String, @Nullable Object> schema, List<?> values) {
        Map<String, List<@Nullable Object>> byType = new LinkedHashMap<>();
        for (Object value : values) {
            byType.computeIfAbsent(typeOf(value), type -> new ArrayList<>()).add(value);
        }
        if (byType.size() == 1) {
            return first(schema, byType.keySet().iterator().next());
        }
        schema.remove("enum");
        List<Object> branches = new ArrayList<>(byType.size());
        byType.forEach((type, some) -> {
            Map<String, Object> branch = new LinkedHashMap<>();
            branch.put("type", type);
            if (!type.equals("null")) {
                branch.put("enum", some);
            }
            branches.add(branch);
        });
        schema.put("anyOf", branches);
        return schema;
    }

    private static @Nullable String common(List<?> parts) {
        String common = null;
        for (Object part : parts) {
            Object type = part instanceof Map<?, ?> schema ? schema.get("type") : null;
            if (!(type instanceof String name) || common != null && !common.equals(name)) {
                return null;
            }
            common = name;
        }
        return common;
    }

    private static String typeOf(@Nullable Object value) {
        if (value == null) {
            return "null";
        } else if (value instanceof String) {
            return "string";
        } else if (value instanceof Boolean) {
            return "boolean";
        } else if (value instanceof Number) {
            return value instanceof BigDecimal ? "number" : "integer";
        }
        return value instanceof List<?> ? "array" : "object";
    }
}
