package dev.kimi.test.autoconfigure;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;

/**
 * Lets a test with {@code @SpringBootTest} talk to a simulator instead of the service. {@link KimiTest} includes it.
 *
 * <ul>
 *   <li>A {@link dev.kimi.test.KimiSimulator} is started with the context and can be injected, unless the test has one:
 *       a bean, annotated or not, or a field with {@link KimiServiceConnection}. All clients are connected to it,
 *       whatever the properties say; {@code kimi.enabled=false} is overruled, and no key is needed.
 *   <li>Before each test the simulator is reset, and so are gate, retry budget, throttle and quota of every client.
 *   <li>After each test, and after its {@code @AfterEach} methods, nothing may be left open: no call or stream of a
 *       client, no request at the simulator, no connection that is not idle in a client's pool. What is on its way gets
 *       two seconds, then the test fails.
 *   <li>Clients and simulator run on a {@link KimiTestClock}: waits before retries cost no time. Beans of type
 *       {@link dev.kimi.time.TimeSource} and {@link dev.kimi.time.Timer} replace it.
 * </ul>
 *
 * Tests that share a context must not run at the same time.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ImportAutoConfiguration
public @interface AutoConfigureKimi {}
