package dev.kimi.chat;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The form that the response must have. Immutable.
 *
 * <pre>{@code
 * ResponseFormat format = ResponseFormat.jsonSchema("city", """
 *         {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}""");
 * }</pre>
 */
public final class ResponseFormat {

    /** Free text, the service's default. */
    public static final ResponseFormat TEXT = new ResponseFormat("text", null, null);
    /** A JSON object; the prompt must ask for JSON as well. */
    public static final ResponseFormat JSON_OBJECT = new ResponseFormat("json_object", null, null);

    private final String type;
    private final @Nullable String name;
    private final @Nullable String schema;

    private ResponseFormat(String type, @Nullable String name, @Nullable String schema) {
        this.type = type;
        this.name = name;
        this.schema = schema;
    }

    /**
     * JSON that follows a schema.
     *
     * @param name a name for the schema
     * @param schema JSON Schema text
     */
    public static ResponseFormat jsonSchema(String name, String schema) {
        return new ResponseFormat(
                "json_schema", Objects.requireNonNull(name, "name"), Objects.requireNonNull(schema, "schema"));
    }

    /** The type on the wire. */
    public String type() {
        return type;
    }

    /** The schema's name, or null without a schema. */
    public @Nullable String name() {
        return name;
    }

    /** JSON Schema text, or null without a schema. */
    public @Nullable String schema() {
        return schema;
    }

    @Override
    public String toString() {
        return type;
    }
}
