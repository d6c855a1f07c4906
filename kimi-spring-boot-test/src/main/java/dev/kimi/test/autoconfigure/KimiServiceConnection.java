package dev.kimi.test.autoconfigure;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Connects the application's clients to a {@link dev.kimi.test.KimiSimulator} instead of the service, as Spring Boot
 * connects to containers with {@code @ServiceConnection}. It wins over {@code kimi.base-url}, {@code kimi.api-key} and
 * {@code kimi.auth} of the properties. On
 *
 * <ul>
 *   <li>a static field of a test class, or of one that it extends, implements or is nested in. The field holds a
 *       simulator that runs; its owner closes it
 *   <li>a {@code @Bean} method, in a test as in local development with {@code spring-boot:test-run}. The simulator is
 *       closed with the context. There, Spring Boot's own {@code @ServiceConnection} does the same, with the name of
 *       the client as its {@code name}
 * </ul>
 *
 * <p>Between tests the simulator is reset, and so are the limits of the clients; a test that leaves something open
 * fails, see {@link AutoConfigureKimi}.
 */
@Documented
@Target({ElementType.FIELD, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface KimiServiceConnection {

    /** Names of the clients to connect, {@code default} for the default one; empty, the default, means all of them. */
    String[] value() default {};
}
