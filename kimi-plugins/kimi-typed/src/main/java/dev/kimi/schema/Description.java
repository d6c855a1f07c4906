package dev.kimi.schema;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Tells the model what a type, a component of a record, a field or a parameter of a tool means. It becomes the
 * {@code description} in the schema. Jackson's {@code @JsonPropertyDescription} and {@code @JsonClassDescription} do
 * the same; this one wins.
 *
 * <pre>{@code
 * record Invoice(@Description("Without tax, in cents") long amount, LocalDate due) {}
 * }</pre>
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.FIELD, ElementType.PARAMETER})
public @interface Description {

    /** The text, in the language of the prompt. */
    String value();
}
