package dev.kimi.starter.aot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.starter.KimiProperties;
import dev.kimi.test.KimiSimulator;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplicationAotProcessor;
import tools.jackson.databind.json.JsonMapper;

/** An application processed ahead of time where there are no keys, and started where there are. */
@Timeout(300)
class AheadOfTimeTest {

    private static final String SETTINGS = """
            kimi:
              api-key: ${KIMI_API_KEY}
              clients:
                my-second:
                  api-key: ${SECOND_KEY}
                claude:
                  protocol: anthropic
                  api-key: ${CLAUDE_KEY}
                  model: claude-sonnet-5-5
            spring.main.banner-mode: "off"
            """;

    @TempDir
    static Path folder;

    @BeforeAll
    static void process() throws Exception {
        Files.writeString(folder.resolve("application.yml"), SETTINGS);
        Path sources = Files.createDirectories(folder.resolve("sources"));
        Path classes = Files.createDirectories(folder.resolve("classes"));
        String output = java(
                Map.of(),
                SpringApplicationAotProcessor.class.getName(),
                AotApplication.class.getName(),
                sources.toString(),
                classes.toString(),
                classes.toString(),
                "org.example",
                "application",
                configuration());
        assertThat(output).endsWith("exit 0");
        compile(sources, classes);
    }

    @Test
    void all_clients_take_their_keys_from_the_environment_of_the_start() throws Exception {
        try (KimiSimulator kimi = KimiSimulator.builder()
                .keys("sk-first", "sk-second", "sk-claude")
                .start()) {
            String output = java(
                    variables(kimi, "SECOND_KEY"),
                    "-Dspring.aot.enabled=true",
                    AotApplication.class.getName(),
                    configuration());

            assertThat(output)
                    .contains("generated true, clients 3, tokens true")
                    .endsWith("exit 0");
            assertThat(kimi.requests())
                    .extracting(request -> request.headers("authorization").get(0))
                    .containsExactly(
                            "Bearer sk-first",
                            "Bearer sk-second",
                            "Bearer sk-first",
                            "Bearer sk-second",
                            "Bearer sk-claude");
        }
    }

    @Test
    void another_spelling_in_the_environment_is_the_same_client() throws Exception {
        try (KimiSimulator kimi = KimiSimulator.builder()
                .keys("sk-first", "sk-second", "sk-claude")
                .start()) {
            String output = java(
                    variables(kimi, "KIMI_CLIENTS_MYSECOND_APIKEY"),
                    "-Dspring.aot.enabled=true",
                    AotApplication.class.getName(),
                    configuration());

            assertThat(output)
                    .contains("generated true, clients 3, tokens true")
                    .endsWith("exit 0");
        }
    }

    @Test
    void a_start_without_the_key_fails_with_its_variable() throws Exception {
        String output = java(
                Map.of("KIMI_API_KEY", "sk-first", "CLAUDE_KEY", "sk-claude"),
                "-Dspring.aot.enabled=true",
                AotApplication.class.getName(),
                configuration());

        assertThat(output)
                .contains("APPLICATION FAILED TO START", "Set the environment variable SECOND_KEY")
                .endsWith("exit 1");
    }

    @Test
    void a_native_image_keeps_what_every_setting_is_read_by() throws IOException {
        Path metadata = folder.resolve("classes/META-INF/native-image/org.example/application")
                .resolve("reachability-metadata.json");
        Map<String, List<String>> kept = new HashMap<>();
        JsonMapper.builder()
                .build()
                .readTree(Files.readString(metadata))
                .path("reflection")
                .forEach(type -> {
                    List<String> methods =
                            kept.computeIfAbsent(type.path("type").asString(""), name -> new ArrayList<>());
                    type.path("methods")
                            .forEach(method -> methods.add(method.path("name").asString()));
                });

        assertThat(KimiProperties.class.getDeclaredClasses())
                .filteredOn(Class::isRecord)
                .hasSize(6)
                .allSatisfy(group -> assertThat(kept.get(group.getName()))
                        .containsAll(Arrays.stream(group.getRecordComponents())
                                .map(RecordComponent::getName)
                                .toList()));
    }

    /** @param second where the second client has its key from */
    private static Map<String, String> variables(KimiSimulator kimi, String second) {
        return Map.of(
                "KIMI_API_KEY",
                "sk-first",
                second,
                "sk-second",
                "CLAUDE_KEY",
                "sk-claude",
                "KIMI_BASEURL",
                kimi.baseUrl(),
                "KIMI_CLIENTS_CLAUDE_BASEURL",
                kimi.baseUrl());
    }

    private static String configuration() {
        return "--spring.config.location=" + folder.toUri();
    }

    private static void compile(Path sources, Path classes) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-nowarn", "-proc:none", "-d", classes.toString(), "-cp"));
        arguments.add(classes + File.pathSeparator + classPath());
        try (Stream<Path> files = Files.walk(sources)) {
            files.map(Path::toString).filter(name -> name.endsWith(".java")).forEach(arguments::add);
        }
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)))
                .isZero();
    }

    /** Runs a class in a machine of its own, with none of this one's variables that hold settings. */
    private static String java(Map<String, String> variables, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                folder.resolve("classes") + File.pathSeparator + classPath()));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("KIMI") || name.startsWith("SPRING"));
        builder.environment().putAll(variables);
        Process process = builder.start();
        try {
            String output = new String(process.getInputStream().readAllBytes());
            return output + "exit " + process.waitFor();
        } finally {
            process.destroyForcibly();
        }
    }

    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }
}
