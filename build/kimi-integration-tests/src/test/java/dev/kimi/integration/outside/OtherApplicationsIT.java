package dev.kimi.integration.outside;

import static dev.kimi.test.Reply.reasoning;
import static dev.kimi.test.Reply.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.KimiSimulator;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Applications with the starter alone, with less than that, and on WebFlux. */
@Timeout(300)
class OtherApplicationsIT {

    @TempDir
    Path folder;

    static Stream<Jar> plain() {
        return Jar.of("plain");
    }

    static Stream<Jar> plugIn() {
        return Jar.of("plug-in");
    }

    static Stream<Jar> reactive() {
        return Jar.of("reactive");
    }

    static Stream<Arguments> vendorSdks() {
        Map<String, String> openAi = Map.of("KIMI_API_KEY", "sk-first");
        Map<String, String> anthropic = Map.of(
                "KIMI_API_KEY", "sk-first",
                "KIMI_PROTOCOL", "anthropic",
                "KIMI_MODEL", "claude-sonnet-4-6",
                "KIMI_AUTH_HEADER", "x-api-key");
        return Stream.concat(
                Jar.of("openai-sdk").map(jar -> Arguments.of(jar, openAi, "anthropic-java")),
                Jar.of("anthropic-sdk").map(jar -> Arguments.of(jar, anthropic, "openai-java")));
    }

    static Stream<Jar> langchain4j() {
        return Jar.of("langchain4j");
    }

    static Stream<Arguments> leftOut() {
        Map<String, String> leftOut = Map.of(
                "without-openfeign", "feign|spring-cloud",
                "without-spring-retry", "spring-retry",
                "without-caffeine", "caffeine",
                "without-all-three", "feign|spring-cloud|spring-retry|caffeine");
        return leftOut.entrySet().stream()
                .flatMap(entry -> Jar.of(entry.getKey()).map(jar -> Arguments.of(jar, entry.getValue())));
    }

    @ParameterizedTest
    @MethodSource("plain")
    void an_environment_variable_is_all_that_it_needs(Jar jar) throws Exception {
        try (KimiSimulator kimi = KimiSimulator.builder().keys("sk-first").start()) {
            assertThat(callsOnce(kimi, jar, Map.of("KIMI_API_KEY", "sk-first")))
                    .contains("Response: As scripted.")
                    .doesNotContain(" WARN ");
        }
    }

    @ParameterizedTest
    @MethodSource("plain")
    void tokens_of_oauth2_serve_instead_of_a_key(Jar jar) throws Exception {
        try (KimiSimulator kimi =
                KimiSimulator.builder().oauth2("app", "not a secret").start()) {
            Map<String, String> settings = Map.of(
                    "KIMI_AUTH_PROVIDER", "oauth2",
                    "KIMI_AUTH_TOKENURI", kimi.baseUrl() + "/oauth/token",
                    "KIMI_AUTH_CLIENTID", "app",
                    "KIMI_AUTH_CLIENTSECRET", "not a secret");

            assertThat(callsOnce(kimi, jar, settings))
                    .contains("Response: As scripted.")
                    .doesNotContain(" WARN ");
            assertThat(kimi.tokens().calls()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("plain")
    void without_any_key_the_message_names_the_variable(Jar jar) throws Exception {
        try (RunningJar failing = RunningJar.start(jar, Map.of())) {
            assertThat(failing.exitCode()).isEqualTo(1);
            assertThat(failing.output())
                    .contains("APPLICATION FAILED TO START", "No API key is set", "KIMI_API_KEY")
                    .doesNotContain("\tat ");
        }
    }

    @ParameterizedTest
    @MethodSource("plugIn")
    void a_plug_in_takes_its_settings_from_the_environment(Jar jar) throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "sk-from-a-file");
        try (KimiSimulator kimi = KimiSimulator.builder().keys("sk-from-a-file").start()) {
            Map<String, String> settings = Map.of(
                    "KIMI_AUTH_PROVIDER", "file",
                    "KIMI_AUTH_PATH", token.toString(),
                    "KIMI_TRANSPORT_PROVIDER", "stamped",
                    "KIMI_TRANSPORT_MAXCONNECTIONS", "5");

            assertThat(callsOnce(kimi, jar, settings))
                    .contains("Response: As scripted.")
                    .doesNotContain(" WARN ");
        }
    }

    @ParameterizedTest
    @MethodSource("plugIn")
    void a_typo_in_a_setting_of_a_plug_in_ends_the_start_with_two_sentences(Jar jar) throws Exception {
        try (RunningJar failing =
                RunningJar.start(jar, Map.of("KIMI_AUTH_PROVIDER", "file"), "--kimi.auth.pth=token")) {
            assertThat(failing.exitCode()).isEqualTo(1);
            assertThat(failing.output())
                    .contains("APPLICATION FAILED TO START", "There is no setting kimi.auth.pth")
                    .contains("Did you mean kimi.auth.path?")
                    .doesNotContain("\tat ");
        }
    }

    @ParameterizedTest
    @MethodSource("leftOut")
    void what_the_starter_brings_can_be_left_out(Jar jar, String names) throws Exception {
        try (JarFile file = new JarFile(jar.path().toFile())) {
            assertThat(file.stream().map(JarEntry::getName))
                    .noneMatch(name -> name.matches("BOOT-INF/lib/.*(" + names + ").*"));
        }
        try (KimiSimulator kimi = KimiSimulator.builder().keys("sk-first").start()) {
            assertThat(callsOnce(kimi, jar, Map.of("KIMI_API_KEY", "sk-first")))
                    .contains("Response: As scripted.")
                    .doesNotContain(" WARN ");
        }
    }

    /** The chat model is a bean; the service accepts its own reasoning back with the result of the tool. */
    @ParameterizedTest
    @MethodSource("langchain4j")
    void an_ai_service_of_langchain4j_calls_a_tool(Jar jar) throws Exception {
        try (KimiSimulator kimi = KimiSimulator.builder().keys("sk-first").start()) {
            kimi.reply(reasoning("Look at the clock.").thenToolCall("now", "{}"));

            assertThat(callsOnce(kimi, jar, Map.of("KIMI_API_KEY", "sk-first")))
                    .contains("Response: As scripted.")
                    .doesNotContain(" WARN ");
            assertThat(kimi.requests()).hasSize(2);
        }
    }

    @ParameterizedTest
    @MethodSource("vendorSdks")
    void the_sdk_of_one_vendor_needs_no_other(Jar jar, Map<String, String> settings, String other) throws Exception {
        try (JarFile file = new JarFile(jar.path().toFile())) {
            assertThat(file.stream().map(JarEntry::getName))
                    .noneMatch(name -> name.matches("BOOT-INF/lib/.*(" + other + "|okhttp).*"));
        }
        try (KimiSimulator kimi = KimiSimulator.builder().keys("sk-first").start()) {
            assertThat(callsOnce(kimi, jar, settings))
                    .contains("Response: As scripted.")
                    .doesNotContain(" WARN ");
        }
    }

    @ParameterizedTest
    @MethodSource("reactive")
    void it_serves_webflux(Jar jar) throws Exception {
        try (KimiSimulator kimi = KimiSimulator.builder().keys("sk-first").start();
                RunningJar application = RunningJar.start(
                        jar, Map.of("KIMI_API_KEY", "sk-first"), "--kimi.base-url=" + kimi.baseUrl())) {
            kimi.reply(text("Without a thread."));

            assertThat(application.get("/chat?q=How")).isEqualTo("Without a thread.");

            application.terminate();
            assertThat(application.exitCode()).isEqualTo(143);
            assertThat(application.output()).doesNotContain(" WARN ", " ERROR ");
        }
    }

    /** A local repository with the library installed comes before what was staged. */
    @ParameterizedTest
    @MethodSource("plain")
    void what_is_tested_is_what_was_just_built(Jar jar) throws Exception {
        try (JarFile file = new JarFile(jar.path().toFile())) {
            List<String> libraries = file.stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.startsWith("BOOT-INF/lib/kimi-"))
                    .toList();
            assertThat(libraries).hasSize(4);
            for (String library : libraries) {
                try (InputStream packaged = file.getInputStream(file.getEntry(library))) {
                    assertThat(Arrays.mismatch(packaged.readAllBytes(), Files.readAllBytes(Jar.staged(library))))
                            .as("%s: does the local repository hold another one below dev/kimi?", library)
                            .isEqualTo(-1);
                }
            }
        }
    }

    private static String callsOnce(KimiSimulator kimi, Jar jar, Map<String, String> variables) throws Exception {
        kimi.reply(text("As scripted."));
        try (RunningJar application = RunningJar.start(jar, variables, "--kimi.base-url=" + kimi.baseUrl())) {
            assertThat(application.output()).isNotEmpty();
            assertThat(application.exitCode()).as(application.output()).isZero();
            return application.output();
        }
    }
}
