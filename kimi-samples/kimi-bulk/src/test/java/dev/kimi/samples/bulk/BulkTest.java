package dev.kimi.samples.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Latency;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(180)
class BulkTest {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Path PROMPTS = Path.of(System.getProperty("basedir", ""), "../data/prompts.jsonl");

    @TempDir
    Path folder;

    @Test
    void every_prompt_has_one_response() throws Exception {
        int exit = run(PROMPTS);

        assertThat(exit).isZero();
        assertThat(ids()).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(idsOf(PROMPTS));
        assertThat(results())
                .allSatisfy(
                        result -> assertThat(result.path("text").stringValue()).isNotBlank())
                .allSatisfy(result -> assertThat(
                                result.path("usage").path("completionTokens").asLong())
                        .isPositive())
                .allSatisfy(result ->
                        assertThat(result.path("finishReason").stringValue()).isEqualTo("stop"));
        assertThat(results())
                .extracting(result -> result.path("index").asInt())
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 200).boxed().toList());
    }

    @Test
    void nothing_is_lost_or_doubled_under_faults() throws Exception {
        int exit = run(PROMPTS, "--faults=429:0.05,503:0.02,stall:1", "--kimi.timeout.first-event=5s");

        assertThat(exit).isEqualTo(1);
        assertThat(ids()).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(idsOf(PROMPTS));
        assertThat(failures()).isNotEmpty().allSatisfy(error -> {
            assertThat(error.path("message").stringValue()).isNotBlank();
            assertThat(error.path("attempts").asInt()).isPositive();
        });
        assertThat(failures())
                .anySatisfy(
                        error -> assertThat(error.path("type").stringValue()).isEqualTo("deadline-exceeded"));
    }

    @Test
    void a_bad_line_is_reported_and_does_not_stop_the_rest() throws Exception {
        Path input = input(
                "\ufeff{\"id\":\"a\",\"prompt\":\"One?\"}",
                "{\"id\":\"b\",\"prompt\":",
                "",
                "[1,2]",
                "{\"prompt\":\"no id\"}",
                "{\"id\":\"c\"}",
                "{\"id\":\"a\",\"prompt\":\"again\"}",
                "{\"id\":\"d\",\"prompt\":\"x\",\"messages\":[]}",
                "{\"id\":\"e\",\"messages\":[{\"role\":\"robot\",\"content\":\"x\"}]}",
                "{\"id\":\"f\",\"messages\":[null]}",
                "{\"id\":\"g\",\"messages\":\"x\"}",
                "{\"id\":7,\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":\"u\"}]}");
        Files.write(
                input,
                "{\"id\":\"h\",\"prompt\":\"\u00ff\"}\n".getBytes(StandardCharsets.ISO_8859_1),
                java.nio.file.StandardOpenOption.APPEND);

        int exit = run(input);

        List<String> bad = new ArrayList<>();
        List<String> good = new ArrayList<>();
        for (JsonNode result : results()) {
            boolean failed = "bad-line".equals(result.path("error").path("type").asString(""));
            (failed ? bad : good).add(result.path("line").asString());
        }
        assertThat(exit).isEqualTo(1);
        assertThat(good).containsExactlyInAnyOrder("1", "12");
        assertThat(bad).containsExactlyInAnyOrder("2", "4", "5", "6", "7", "8", "9", "10", "11", "13");
        assertThat(failures())
                .anySatisfy(error ->
                        assertThat(error.path("message").stringValue()).isEqualTo("the id was used in line 1 already"));
    }

    @Test
    void what_cannot_run_ends_with_two() throws Exception {
        Path empty = input();
        Path allBad = folder.resolve("bad.jsonl");
        Files.writeString(allBad, "no\nnor this\n");
        Path good = folder.resolve("good.jsonl");
        Files.writeString(good, "{\"id\":1,\"prompt\":\"x\"}\n");

        assertThat(bulk()).isEqualTo(2);
        assertThat(run(folder.resolve("absent.jsonl"))).isEqualTo(2);
        assertThat(run(folder)).isEqualTo(2);
        assertThat(run(empty)).isEqualTo(2);
        assertThat(run(allBad)).isEqualTo(2);
        assertThat(bulk("--input=" + good, "--output=" + good)).isEqualTo(2);
        assertThat(bulk("--input=" + good, "--output=" + folder.resolve("no/such/folder")))
                .isEqualTo(2);
        assertThat(Files.readString(good)).contains("prompt");
    }

    private static int bulk(String... args) {
        List<String> all = new ArrayList<>(List.of("--kimi.api-key="));
        all.addAll(List.of(args));
        SpringApplication application = BulkApplication.application();
        application.addInitializers(context ->
                ((KimiSimulator) context.getBeanFactory().getSingleton("kimiSimulator")).latency(Latency.none()));
        return SpringApplication.exit(application.run(all.toArray(String[]::new)));
    }

    private int run(Path input, String... more) {
        List<String> args = new ArrayList<>(List.of(more));
        args.add("--input=" + input);
        args.add("--output=" + output());
        return bulk(args.toArray(String[]::new));
    }

    private Path output() {
        return folder.resolve("responses.jsonl");
    }

    private Path input(String... lines) throws IOException {
        Path file = folder.resolve("input.jsonl");
        return Files.write(file, List.of(lines));
    }

    private List<JsonNode> results() throws IOException {
        return Files.readAllLines(output()).stream().map(JSON::readTree).toList();
    }

    private List<JsonNode> failures() throws IOException {
        return results().stream()
                .map(result -> result.path("error"))
                .filter(JsonNode::isObject)
                .toList();
    }

    private List<String> ids() throws IOException {
        return results().stream().map(result -> result.path("id").stringValue()).toList();
    }

    private static List<String> idsOf(Path prompts) throws IOException {
        return Files.readAllLines(prompts).stream()
                .map(line -> JSON.readTree(line).path("id").stringValue())
                .toList();
    }
}
