package dev.kimi.chat;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A tool that the model may call. Immutable.
 *
 * <pre>{@code
 * Tool weather = Tool.function("weather", "The weather in a city", """
 *         {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}""");
 * ChatRequest request = ChatRequest.builder().user("How is it in Rome?").tool(weather).build();
 * }</pre>
 */
public final class Tool {

    private final String name;
    private final String description;
    private final String parameters;
    private final boolean builtin;
    private final @Nullable Boolean strict;
    private final boolean normalised;

    private Tool(String name, String description, String parameters, boolean builtin) {
        this.name = Objects.requireNonNull(name, "name");
        this.description = Objects.requireNonNull(description, "description");
        this.parameters = Objects.requireNonNull(parameters, "parameters");
        this.builtin = builtin;
        this.strict = null;
        this.normalised = false;
        if (name.isBlank()) {
            throw new IllegalArgumentException("a tool needs a name");
        }
    }

    private Tool(Tool from, @Nullable Boolean strict, boolean normalised) {
        this.name = from.name;
        this.description = from.description;
        this.parameters = from.parameters;
        this.builtin = from.builtin;
        this.strict = strict;
        this.normalised = normalised;
    }

    /**
     * A function of the caller's.
     *
     * @param name up to 64 letters, digits, {@code _} and {@code -}, beginning with a letter or {@code _}
     * @param description what it does, for the model; may be empty
     * @param parameters JSON Schema text of an object; {@code {"type":"object","properties":{}}} for no parameters
     */
    public static Tool function(String name, String description, String parameters) {
        return new Tool(name, description, parameters, false);
    }

    /**
     * A tool that the service runs itself, such as {@code $web_search}.
     *
     * @param name the service's name, beginning with {@code $}
     */
    public static Tool builtin(String name) {
        return new Tool(name, "", "", true);
    }

    /** The same tool with strict schema following on or off; unset, the service's default holds (Kimi: on). */
    public Tool strict(boolean value) {
        return new Tool(this, value, normalised);
    }

    /**
     * The same tool, whose schema goes to models that want Moonshot's flavour in that form, or as it is where it has
     * none, whatever {@link dev.kimi.KimiClientBuilder#toolSchemas} says; unset, the client's setting holds. For
     * schemas that a framework generates, whose form its users cannot choose.
     */
    public Tool normalised() {
        return new Tool(this, strict, true);
    }

    public String name() {
        return name;
    }

    /** What it does, empty when not said. */
    public String description() {
        return description;
    }

    /** JSON Schema text; empty for a built-in tool. */
    public String parameters() {
        return parameters;
    }

    /** True when the service runs it. */
    public boolean builtin() {
        return builtin;
    }

    /** Whether the schema must be followed strictly, or null for the service's default. */
    public @Nullable Boolean strict() {
        return strict;
    }

    /** Whether {@link #normalised()} was called. */
    public boolean hasNormalisedSchema() {
        return normalised;
    }

    @Override
    public String toString() {
        return "Tool[" + name + "]";
    }

    /** Whether and which tools the model must call. */
    public static final class Choice {
        /** The model decides. */
        public static final Choice AUTO = new Choice("auto", false);
        /** No tool. */
        public static final Choice NONE = new Choice("none", false);
        /** At least one tool; Kimi rejects it while thinking is on. */
        public static final Choice REQUIRED = new Choice("required", false);

        private final String value;
        private final boolean named;

        private Choice(String value, boolean named) {
            this.value = value;
            this.named = named;
        }

        /** Exactly this tool; Kimi rejects it while thinking is on. */
        public static Choice named(String toolName) {
            return new Choice(Objects.requireNonNull(toolName), true);
        }

        /** The mode, or the tool's name when {@link #isNamed()}. */
        public String value() {
            return value;
        }

        /** True when the value is a tool's name. */
        public boolean isNamed() {
            return named;
        }

        @Override
        public String toString() {
            return value;
        }
    }
}
