package dev.kimi.tool.aot;

import static dev.kimi.test.Reply.text;
import static dev.kimi.test.Reply.toolCall;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplicationAotProcessor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tools of beans in an application that was processed ahead of time. */
@Timeout(300)
class AheadOfTimeTest {

    private static final String SETTINGS = """
            kimi:
              api-key: sk-test
              clients:
                claude:
                  api-key: sk-test
                  protocol: anthropic
                  base-url: https://api.anthropic.com
                  model: claude-sonnet-5-5
            spring.main.banner-mode: "off"
            """;
    private static final String CALL = "{\"from\":{\"name\":\"Bern\",\"country\":null}}";

    @TempDir
    static Path folder;

    @BeforeAll
    static void process() throws Exception {
        Files.writeString(folder.resolve("application.yml"), SETTINGS);
        Path sources = Files.createDirectories(folder.resolve("sources"));
        Path classes = Files.createDirectories(folder.resolve("classes"));
        String output = java(
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
    void both_services_use_the_tools_of_beans_and_give_records() throws Exception {
        try (KimiSimulator kimi = KimiSimulator.start()) {
            kimi.reply(
                    toolCall("trains", CALL),
                    text("The one at 8:02."),
                    toolCall("trains", CALL),
                    text("{\"to\":\"Zug\",\"minutes\":56}"),
                    text("{\"to\":\"Chur\",\"minutes\":90}"));

            String output = java(
                    "-Dspring.aot.enabled=true",
                    AotApplication.class.getName(),
                    configuration(),
                    "--kimi.base-url=" + kimi.baseUrl(),
                    "--kimi.clients.claude.base-url=" + kimi.baseUrl());

            assertThat(output)
                    .contains("The one at 8:02.", "Train[to=Zug, minutes=56]", "Train[to=Chur, minutes=90]")
                    .contains("generated true")
                    .endsWith("exit 0");
            assertThat(kimi.requests())
                    .extracting(ReceivedRequest::path)
                    .containsExactly(
                            "/v1/chat/completions",
                            "/v1/chat/completions",
                            "/v1/messages",
                            "/v1/messages",
                            "/v1/chat/completions");
            assertThat(kimi.requests().get(3).bodyText()).contains("Zug from Bern");
        }
    }

    @Test
    void a_native_image_keeps_the_methods_of_tools_and_the_records_that_they_take_and_give() throws IOException {
        Path metadata = folder.resolve("classes/META-INF/native-image/org.example/application")
                .resolve("reachability-metadata.json");
        JsonNode kept = JsonMapper.builder()
                .build()
                .readTree(Files.readString(metadata))
                .path("reflection");

        assertThat(kept.valueStream().filter(type -> name(type).equals(AotApplication.Trains.class.getName())))
                .anySatisfy(type -> assertThat(type.path("methods").valueStream())
                        .anySatisfy(method -> assertThat(name(method)).isEqualTo("trains")));
        assertThat(kept.valueStream().map(AheadOfTimeTest::name))
                .contains(AotApplication.Place.class.getName(), AotApplication.Train.class.getName());
    }

    private static String name(JsonNode entry) {
        return entry.path(entry.has("type") ? "type" : "name").asString("");
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
    private static String java(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                folder.resolve("classes") + File.pathSeparator + classPath()));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("KIMI") || name.startsWith("SPRING"));
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
