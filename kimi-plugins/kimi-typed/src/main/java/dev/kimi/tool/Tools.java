package dev.kimi.tool;

import dev.kimi.chat.Tool;
import dev.kimi.schema.internal.Schemas;
import dev.kimi.schema.internal.Values;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tools with the methods and lambdas that run them. Immutable and thread-safe, as far as those are: a model calls
 * several at once.
 *
 * <pre>{@code
 * Tools tools = Tools.builder()
 *         .methodsOf(new Calendar())
 *         .function("weather", "The weather of a city now", City.class, city -> forecast(city.name()))
 *         .build();
 * }</pre>
 */
public final class Tools {

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]{0,63}");

    private final Map<String, ToolFunction> functions;

    private Tools(Map<String, ToolFunction> functions) {
        this.functions = new LinkedHashMap<>(functions);
    }

    /**
     * The methods with {@link ToolMethod} of those objects.
     *
     * @throws IllegalArgumentException as {@link Builder#methodsOf}
     */
    public static Tools of(Object... objects) {
        Builder builder = builder();
        List.of(objects).forEach(builder::methodsOf);
        return builder.build();
    }

    /** Whether objects of a type have methods with {@link ToolMethod}. */
    public static boolean areIn(Class<?> type) {
        return MethodTools.in(type);
    }

    public static Builder builder() {
        return new Builder();
    }

    /** What a request offers to the model, in the order in which they were added. */
    public List<Tool> definitions() {
        return functions.values().stream().map(ToolFunction::tool).toList();
    }

    /** The tool of a name, or null. */
    @Nullable ToolFunction function(String name) {
        return functions.get(name);
    }

    @Override
    public String toString() {
        return "Tools" + functions.keySet();
    }

    /**
     * What a lambda does with its arguments.
     *
     * @param <A> the type of the arguments
     */
    @FunctionalInterface
    public interface Body<A> {
        /** Runs the tool; for what it returns see {@link ToolMethod}. An interrupt means that it is to end. */
        @Nullable Object run(A arguments) throws Exception;
    }

    /** Collects tools. Not thread-safe. */
    public static final class Builder {

        private final Map<String, ToolFunction> functions = new LinkedHashMap<>();

        private Builder() {}

        /**
         * Adds the methods with {@link ToolMethod} of an object, by name, those of superclasses and interfaces
         * included.
         *
         * @throws IllegalArgumentException if it has none, a name is taken or not lawful, or a parameter has no strict
         *     schema
         */
        public Builder methodsOf(Object object) {
            MethodTools.of(object).forEach(this::add);
            return this;
        }

        /**
         * Adds a lambda.
         *
         * @param name up to 64 letters, digits, {@code _} and {@code -}, beginning with a letter or {@code _}
         * @param description what it does and when to use it, for the model
         * @param arguments a record with a component for each argument
         * @throws IllegalArgumentException if the name is taken or not lawful, or the type has no strict schema
         */
        public <A> Builder function(String name, String description, Class<A> arguments, Body<? super A> body) {
            Objects.requireNonNull(body, "body");
            Tool tool = Tool.function(name, description, Schemas.of(arguments));
            return add(new ToolFunction(tool, json -> body.run(arguments.cast(Values.read(json, arguments))), null));
        }

        /**
         * Adds a tool with a schema of its own, such as one that another server describes. Its arguments are JSON text,
         * as the model wrote it.
         *
         * @throws IllegalArgumentException if the name is taken or not lawful
         */
        public Builder function(Tool tool, Body<String> body) {
            return add(new ToolFunction(tool, body::run, null));
        }

        /**
         * How long one run of a tool may take.
         *
         * @param name of a tool that has been added
         * @throws IllegalArgumentException if there is no such tool, or the time is not positive
         */
        public Builder timeout(String name, Duration value) {
            ToolFunction function = functions.get(name);
            if (function == null || value.isZero() || value.isNegative()) {
                throw new IllegalArgumentException(
                        function == null ? "there is no tool '" + name + "'" : "the timeout must be positive");
            }
            functions.put(name, function.timeout(value));
            return this;
        }

        private Builder add(ToolFunction function) {
            String name = function.tool().name();
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("'" + name + "' is no name of a tool: use up to 64 letters, digits,"
                        + " '_' and '-', beginning with a letter or '_'");
            }
            if (functions.putIfAbsent(name, function) != null) {
                throw new IllegalArgumentException("there are two tools '" + name + "': give one another name");
            }
            return this;
        }

        public Tools build() {
            return new Tools(functions);
        }
    }
}
