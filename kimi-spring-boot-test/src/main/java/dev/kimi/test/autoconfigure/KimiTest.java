package dev.kimi.test.autoconfigure;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.autoconfigure.OverrideAutoConfiguration;
import org.springframework.boot.test.context.filter.annotation.TypeExcludeFilters;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.core.annotation.AliasFor;
import org.springframework.test.context.BootstrapWith;
import org.springframework.test.context.junit.jupiter.SpringExtension;

/**
 * Tests what calls Kimi, with a simulator and without the rest of the application:
 *
 * <pre>{@code
 * @KimiTest
 * class AssistantTest {
 *     @Autowired KimiSimulator kimi;
 *     @Autowired Assistant assistant;
 * }
 * }</pre>
 *
 * The context holds Kimi's auto-configurations and no others, and of the application's components
 *
 * <ul>
 *   <li>those that {@link #value} names or, if it names none, those that have a {@code KimiClient}, {@code KimiApi},
 *       {@code ClaudeApi}, {@code TypedChat}, {@code ToolLoop} or, of Spring AI, a {@code ChatModel} or
 *       {@code ChatClient} injected, and those that have tools
 *   <li>those that decide how clients work: {@code KimiClientCustomizer}, {@code RetryPolicy},
 *       {@code BatchWindowFactory} and {@code CallListener}, but none that connect elsewhere
 *   <li>what {@link #includeFilters} adds
 * </ul>
 *
 * What they need besides comes by {@code @Import}, {@code @TestConfiguration} or {@code @MockitoBean}. The simulator,
 * the checks for leaks, the resets and the clock are those of {@link AutoConfigureKimi}.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@BootstrapWith(KimiSlice.Bootstrapper.class)
@ExtendWith(SpringExtension.class)
@OverrideAutoConfiguration(enabled = false)
@TypeExcludeFilters(KimiSlice.Components.class)
@AutoConfigureKimi
@ImportAutoConfiguration
public @interface KimiTest {

    /** Properties of the test as {@code key=value}; none by default. */
    String[] properties() default {};

    /** The components to test. Empty, the default, means those that have a client injected. */
    @AliasFor("components")
    Class<?>[] value() default {};

    /** The same as {@link #value}. */
    @AliasFor("value")
    Class<?>[] components() default {};

    /** Whether components are included by default, those that {@link #value} names too; true by default. */
    boolean useDefaultFilters() default true;

    /** Filters that include further components; none by default. */
    ComponentScan.Filter[] includeFilters() default {};

    /** Filters that leave components out which would be included; none by default. */
    ComponentScan.Filter[] excludeFilters() default {};

    /** Auto-configurations to leave out; none by default. */
    @AliasFor(annotation = ImportAutoConfiguration.class, attribute = "exclude")
    Class<?>[] excludeAutoConfiguration() default {};
}
