package dev.kimi.starter.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.starter.leftout.LeftOutApplication;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Applications that exclude dependencies of the starter, on a class path without their jars. Filtering classes is not
 * enough: the starter's own classes must be loaded by a loader that cannot see them.
 */
class LeftOutTest {

    private static final Map<String, String> JARS = Map.of(
            "openfeign", ".*(feign|spring-cloud).*",
            "spring-retry", ".*spring-retry.*",
            "caffeine", ".*caffeine.*",
            "context-propagation", ".*context-propagation.*",
            "actuator", ".*actuator.*",
            "servlet-api and reactor", ".*(servlet-api|reactor-core).*");

    static Stream<Set<String>> leftOut() {
        return Stream.concat(JARS.keySet().stream().map(Set::of), Stream.of(JARS.keySet()));
    }

    @ParameterizedTest
    @MethodSource("leftOut")
    void the_client_works_and_only_what_was_left_out_is_missing(Set<String> leftOut) throws Exception {
        assertThat(run(leftOut, "kimi.api-key=sk-test", "kimi.clients.second.api-key=sk-second"))
                .isEqualTo("responded; kimiApi " + !leftOut.contains("openfeign") + "; kimiRetryTemplate "
                        + !leftOut.contains("spring-retry"));
    }

    @Test
    void naming_the_preset_of_spring_retry_without_it_says_what_to_add() throws Exception {
        assertThat(run(Set.of("spring-retry"), "kimi.api-key=sk-test", "kimi.retry.preset=spring"))
                .contains("org.springframework.retry:spring-retry", "org.springframework.core.retry.RetryPolicy");
    }

    @Test
    void a_policy_of_spring_framework_decides_without_spring_retry() throws Exception {
        assertThat(run(Set.of("spring-retry"), "kimi.api-key=sk-test", "kimi.retry.preset=spring", "own-policy=true"))
                .startsWith("responded");
    }

    private static String run(Set<String> leftOut, String... properties) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(classPath(leftOut), ClassLoader.getPlatformClassLoader())) {
            thread.setContextClassLoader(loader);
            return (String) loader.loadClass(LeftOutApplication.class.getName())
                    .getMethod("run", String[].class)
                    .invoke(null, (Object) properties);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static URL[] classPath(Set<String> leftOut) {
        // surefire may put the class path into the manifest of a jar, and then says here what it is
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Arrays.stream(path.split(File.pathSeparator))
                .map(File::new)
                .filter(entry -> entry.isDirectory()
                        || leftOut.stream().noneMatch(name -> entry.getName().matches(JARS.get(name))))
                .map(LeftOutTest::url)
                .toArray(URL[]::new);
    }

    private static URL url(File entry) {
        try {
            return entry.toURI().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }
}
