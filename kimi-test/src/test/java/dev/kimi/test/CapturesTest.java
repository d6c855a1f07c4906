package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import tools.jackson.databind.JsonNode;

/** Compares the simulator with recorded traffic of the service, where that is at hand. */
@EnabledIfSystemProperty(named = "kimi.captures", matches = ".+")
class CapturesTest {

    private final Path captures = Path.of(System.getProperty("kimi.captures"));
    private final KimiSimulator kimi = KimiSimulator.start();
    private final Client client = new Client(kimi);

    @AfterEach
    void stop() {
        kimi.close();
    }

    @Test
    void a_whole_response_has_the_members_of_the_real_one_in_their_order() throws Exception {
        String recorded = body(read("kimi/direct-k3-text-reasoning.http"));
        String cached = body(read("kimi/direct-k3-cached-tokens-twice.http"));
        kimi.reply(
                Reply.reasoning("r").thenText("t"),
                Reply.reasoning("r").thenText("t").usage(93, 49, 93));

        assertThat(members(client.chat("hi").body())).isEqualTo(members(recorded));
        assertThat(members(client.chat("hi").body())).isEqualTo(members(cached));
    }

    @Test
    void a_streamed_response_has_the_members_of_the_real_one_in_their_order() throws Exception {
        List<String> recorded =
                read("kimi/cloudflare-k3-first-chunks.jsonl").lines().toList();
        String lastChunk = read("kimi/direct-k2-turbo-final-chunk.json");
        kimi.reply(Reply.reasoning("r").thenText("t").usage(8, 11, 8));

        List<String> sent = client.stream("hi")
                .body()
                .lines()
                .filter(line -> line.startsWith("data: {"))
                .map(line -> line.substring("data: ".length()))
                .toList();

        assertThat(members(sent.get(0))).isEqualTo(members(recorded.get(0)));
        assertThat(members(sent.get(1))).isEqualTo(members(recorded.get(1)));
        assertThat(members(sent.get(3))).containsAll(members(lastChunk));
    }

    @Test
    void rejections_have_the_length_and_the_distinctive_headers_of_the_real_ones() throws Exception {
        kimi.reply(Reply.overloaded(), Reply.rateLimited(Duration.ofSeconds(1)));

        HttpResponse<String> overloaded = client.chat("hi");
        HttpResponse<String> limited = client.chat("hi");

        assertThat(overloaded.body()).isEqualTo(body(read("errors/kimi-429-engine-overloaded.http")));
        assertThat(distinctive(overloaded)).isEqualTo(distinctive(read("errors/kimi-429-engine-overloaded.http")));
        assertThat(distinctive(limited)).isEqualTo(distinctive(read("errors/kimi-429-rate-limit-rpm.http")));
        assertThat(masked(limited.body())).isEqualTo(masked(body(read("errors/kimi-429-rate-limit-rpm.http"))));
    }

    @Test
    void every_recording_comes_out_as_it_went_in() throws Exception {
        try (Stream<Path> files = Files.walk(captures)) {
            for (Path file : files.filter(CapturesTest::replayable).sorted().toList()) {
                kimi.replay(file);
                String recorded = Files.readString(file);
                String expected = file.toString().endsWith(".http") ? body(recorded) : recorded;

                assertThat(client.chat("hi").body()).as(file.toString()).isEqualTo(expected);
            }
        }
    }

    private static boolean replayable(Path file) {
        return Stream.of(".sse", ".json", ".http").anyMatch(file.toString()::endsWith);
    }

    private String read(String file) throws IOException {
        return Files.readString(captures.resolve(file), StandardCharsets.UTF_8);
    }

    private static String body(String recording) {
        return recording.substring(recording.indexOf("\r\n\r\n") + 4);
    }

    /** The paths of all members in the order of the text. */
    private static List<String> members(String json) {
        List<String> members = new ArrayList<>();
        collect("", Client.JSON.readTree(json), members);
        return members;
    }

    private static void collect(String at, JsonNode node, List<String> members) {
        node.properties().forEach(member -> {
            members.add(at + member.getKey());
            collect(at + member.getKey() + ".", member.getValue(), members);
        });
        if (node.isArray()) {
            node.forEach(element -> collect(at, element, members));
        }
    }

    private static TreeSet<String> distinctive(HttpResponse<String> response) {
        return distinctive(response.headers().map().keySet().stream());
    }

    private static TreeSet<String> distinctive(String recording) {
        return distinctive(recording
                .substring(0, recording.indexOf("\r\n\r\n"))
                .lines()
                .skip(1)
                .map(line -> line.split(":")[0]));
    }

    private static TreeSet<String> distinctive(Stream<String> names) {
        TreeSet<String> distinctive = new TreeSet<>();
        names.map(name -> name.toLowerCase(Locale.ROOT))
                .filter(name -> name.contains("retry") || name.contains("msh") || name.equals("vary"))
                .forEach(distinctive::add);
        return distinctive;
    }

    private static String masked(String body) {
        return body.replaceAll("(org|ak)-\\w+", "$1");
    }
}
