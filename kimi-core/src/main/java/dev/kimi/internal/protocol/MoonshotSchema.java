package dev.kimi.internal.protocol;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Brings one JSON schema into Moonshot's flavour: references within it are written out, a type is added where there is
 * none, and keywords that are not taken are left out or said in the description. What is allowed stays as it is, and in
 * its order. Good for one schema; not thread-safe.
 */
final class MoonshotSchema {

    /** References can make a short schema endless for practical purposes. */
    private static final int MAX_NODES = 10_000;

    private static final int MAX_DEPTH = 60;
    static final String TOO_LARGE = "is too large once its references are written out";

    private static final Set<String> DEFINITIONS = Set.of("$defs", "definitions");
    private static final Set<String> LEFT_OUT = Set.of("title", "$schema", "$comment");
    private static final Map<String, String> SAID =
            Map.of("format", "format: ", "exclusiveMinimum", "greater than ", "exclusiveMaximum", "less than ");
    private static final Set<String> SCHEMAS_BY_NAME =
            Set.of("properties", "patternProperties", "dependentSchemas", "$defs", "definitions");
    private static final Set<String> BRANCHES = Set.of("anyOf", "oneOf", "allOf");
    private static final Set<String> SCHEMAS = Set.of(
            "items",
            "prefixItems",
            "additionalItems",
            "additionalProperties",
            "contains",
            "propertyNames",
            "not",
            "if",
            "then",
            "else");

    private final Map<?, ?> root;
    /** Whether definitions are of use only to what is written out. */
    private final boolean refers;

    private final Deque<String> open = new ArrayDeque<>();
    private final Set<String> keywords = new TreeSet<>();
    private int references;
    private int types;
    private int nodes;

    /** The schema cannot be brought into that form. */
    static final class Impossible extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Impossible(String message) {
            super(message, null, false, false);
        }
    }

    MoonshotSchema(Map<?, ?> root) {
        this.root = root;
        this.refers = hasReference(root);
        open.push("#");
    }

    /** @throws Impossible if it refers to itself, or becomes too large without references */
    Map<String, @Nullable Object> normalised() {
        return schema(root, "object", 0);
    }

    /** What was changed, for people, or null for nothing. */
    @Nullable String changes() {
        List<String> all = new ArrayList<>(3);
        if (references > 0) {
            all.add(references + (references == 1 ? " reference was" : " references were") + " written out");
        }
        if (types > 0) {
            all.add(types + (types == 1 ? " type was" : " types were") + " added");
        }
        if (!keywords.isEmpty()) {
            all.add(String.join(", ", keywords) + " left out or said otherwise");
        }
        return all.isEmpty() ? null : String.join("; ", all);
    }

    /** @param usual the type that it has where nothing in it says one, or null for any */
    private Map<String, @Nullable Object> schema(Map<?, ?> node, @Nullable String usual, int depth) {
        if (++nodes > MAX_NODES || depth > MAX_DEPTH) {
            throw new Impossible(TOO_LARGE);
        }
        Map<?, ?> target = node.get("$ref") instanceof String ref ? find(ref) : null;
        if (target == null) {
            String hinted = node.containsKey("format") ? "string" : usual;
            boolean limits = node.containsKey("exclusiveMinimum") || node.containsKey("exclusiveMaximum");
            return typed(children(node, depth), limits ? "number" : hinted);
        }
        String ref = String.valueOf(node.get("$ref"));
        if (open.contains(ref)) {
            throw new Impossible("refers to itself at " + ref + ", so that its references cannot be written out");
        }
        references++;
        Map<String, @Nullable Object> merged = new LinkedHashMap<>();
        target.forEach((name, value) -> merged.put(String.valueOf(name), value));
        node.forEach((name, value) -> merged.put(String.valueOf(name), value));
        merged.remove("$ref");
        if (target.containsKey("$ref")) {
            merged.put("$ref", target.get("$ref"));
        }
        open.push(ref);
        Map<String, @Nullable Object> written = schema(merged, usual, depth + 1);
        open.pop();
        return written;
    }

    /** The part of the schema that a reference leads to, or null: what cannot be found is the service's to reject. */
    private @Nullable Map<?, ?> find(String ref) {
        if (!ref.equals("#") && !ref.startsWith("#/")) {
            return null;
        }
        Object found = root;
        for (String step : ref.equals("#") ? new String[0] : ref.substring(2).split("/", -1)) {
            String name = step.replace("~1", "/").replace("~0", "~");
            if (found instanceof Map<?, ?> members) {
                found = members.get(name);
            } else if (found instanceof List<?> elements && name.matches("\\d{1,4}")) {
                int index = Integer.parseInt(name);
                found = index < elements.size() ? elements.get(index) : null;
            } else {
                return null;
            }
        }
        return found instanceof Map<?, ?> schema ? schema : null;
    }

    private Map<String, @Nullable Object> children(Map<?, ?> node, int depth) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        List<String> said = new ArrayList<>(0);
        for (Map.Entry<?, ?> member : node.entrySet()) {
            String name = String.valueOf(member.getKey());
            Object value = member.getValue();
            String words = SAID.get(name);
            if (LEFT_OUT.contains(name) || words != null) {
                keywords.add(name);
                if (words != null && !(value instanceof Boolean)) {
                    said.add(words + value);
                }
            } else if (SCHEMAS_BY_NAME.contains(name) && value instanceof Map<?, ?> byName) {
                if (!refers || !DEFINITIONS.contains(name)) {
                    all.put(name, named(byName, depth));
                }
            } else if (BRANCHES.contains(name) && value instanceof List<?> branches) {
                all.put(name, list(branches, node.get("type") instanceof String type ? type : null, depth));
            } else if (SCHEMAS.contains(name)) {
                all.put(name, value instanceof List<?> list ? list(list, null, depth) : child(value, null, depth));
            } else {
                all.put(name, value);
            }
        }
        if (!said.isEmpty()) {
            String before = all.get("description") instanceof String text ? text : "";
            String more = String.join(", ", said);
            all.put("description", before.isEmpty() ? more : before + " (" + more + ")");
        }
        return all;
    }

    private static boolean hasReference(@Nullable Object value) {
        if (value instanceof Map<?, ?> members) {
            return members.get("$ref") instanceof String
                    || members.values().stream().anyMatch(MoonshotSchema::hasReference);
        }
        return value instanceof List<?> list && list.stream().anyMatch(MoonshotSchema::hasReference);
    }

    private Map<String, @Nullable Object> named(Map<?, ?> schemas, int depth) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        schemas.forEach((name, schema) -> {
            boolean any = Boolean.TRUE.equals(schema);
            all.put(String.valueOf(name), child(any ? Map.of() : schema, null, depth));
        });
        return all;
    }

    private List<@Nullable Object> list(List<?> schemas, @Nullable String usual, int depth) {
        List<@Nullable Object> all = new ArrayList<>(schemas.size());
        schemas.forEach(schema -> all.add(child(schema, usual, depth)));
        return all;
    }

    private @Nullable Object child(@Nullable Object value, @Nullable String usual, int depth) {
        return value instanceof Map<?, ?> schema ? schema(schema, usual, depth + 1) : value;
    }

    private Map<String, @Nullable Object> typed(Map<String, @Nullable Object> schema, @Nullable String usual) {
        if (schema.containsKey("type") || schema.containsKey("anyOf") || schema.containsKey("$ref")) {
            return schema;
        }
        types++;
        return SchemaTypes.added(schema, usual);
    }
}
