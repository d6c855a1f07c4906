package dev.kimi.tool;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Offers a method as a tool. The schema comes from its parameters: their names, which need the compiler's
 * {@code -parameters}, their types as for {@code TypedFormat}, and their {@code @Description}. A text that the method
 * returns goes to the model as it is, and so do a {@code ContentPart}, such as an image, and a list of them;
 * {@code void} goes as {@code done}, a {@code CompletionStage} once it is complete, and anything else as JSON.
 *
 * <pre>{@code
 * @ToolMethod("The weather of a city now")
 * Weather weather(@Description("Such as Paris") String city) { ... }
 * }</pre>
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface ToolMethod {

    /** What it does and when to use it, for the model. */
    String value();

    /** The tool's name; empty for the name of the method. */
    String name() default "";

    /** How long one run may take, in seconds; 0 for the limit of the loop. */
    long timeoutSeconds() default 0;
}
