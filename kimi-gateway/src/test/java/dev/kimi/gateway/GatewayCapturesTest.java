package dev.kimi.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.KimiException;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Plays recorded streams and errors through the gateway, where they are at hand. */
@Timeout(120)
@EnabledIfSystemProperty(named = "kimi.captures", matches = ".+")
class GatewayCapturesTest {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String MESSAGES = "/v1/messages";
    private static final String COMPLETIONS = "/v1/chat/completions";
    private static final String CLAUDE = "claude-sonnet-5-5";

    private static final String FAILURE = "a failure";

    private final Path captures = Path.of(System.getProperty("kimi.captures"));
    private final GatewayFixture gateway = GatewayFixture.gateway();
    private final List<String> faults = new ArrayList<>();

    @Test
    void streams_of_claude_come_in_their_bytes() throws IOException {
        try (KimiClient direct = client(gateway.claude().baseUrl(), "anthropic", CLAUDE)) {
            forEach("claude", ".sse", (file, name) -> {
                gateway.claude().replyAt(MESSAGES, Reply.recorded(file));
                comesInItsBytes(direct, MESSAGES, CLAUDE, file);
            });
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void streams_of_chat_completions_come_in_their_bytes() throws IOException {
        try (KimiClient direct = client(gateway.kimi().baseUrl(), "openai", "kimi-k3")) {
            for (String folder : List.of("kimi", "openai-compatible")) {
                forEach(folder, ".sse", (file, name) -> {
                    if (!name.startsWith("anthropic-endpoint")) {
                        gateway.kimi().replyAt(COMPLETIONS, Reply.recorded(file));
                        comesInItsBytes(direct, COMPLETIONS, "kimi-k3", file);
                    }
                });
            }
        }
        assertThat(faults).isEmpty();
    }

    /** A stream whose first event the engine cannot read is an error, as it is for a client of the engine. */
    private void comesInItsBytes(KimiClient direct, String path, String model, Path file) {
        String recorded = text(file);
        String came = stream(path, model);
        boolean ends = recorded.contains("message_stop") || recorded.contains("[DONE]");
        boolean fits = ends ? came.equals(recorded) : came.startsWith(recorded) || recorded.startsWith(came);
        boolean unreadable =
                json(came).path("error").isObject() && outcome(direct).equals(FAILURE);
        if (!fits && !unreadable) {
            faults.add(file.getFileName() + " came as: " + came);
        }
    }

    @Test
    void streams_of_kimi_say_the_same_in_the_protocol_of_anthropic() throws IOException {
        try (KimiClient direct = client(gateway.kimi().baseUrl(), "openai", "kimi-k3");
                KimiClient through = client(gateway.url(), "anthropic", "claude-kimi-k3")) {
            for (String folder : List.of("kimi", "openai-compatible")) {
                forEach(folder, ".sse", (file, name) -> {
                    if (!name.startsWith("anthropic-endpoint")) {
                        gateway.kimi().replyAt(COMPLETIONS, Reply.recorded(file));
                        compare(name, outcome(direct), outcome(through));
                    }
                });
            }
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void streams_of_claude_say_the_same_in_the_protocol_of_openai() throws IOException {
        try (KimiClient direct = client(gateway.claude().baseUrl(), "anthropic", CLAUDE);
                KimiClient through = client(gateway.url(), "openai", CLAUDE)) {
            forEach("claude", ".sse", (file, name) -> {
                gateway.claude().replyAt(MESSAGES, Reply.recorded(file));
                compare(name, outcome(direct), outcome(through));
            });
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void errors_have_the_shape_of_the_callers_protocol_and_no_good_status() throws IOException {
        for (String kind : List.of(".http", ".json")) {
            forEach("errors", kind, (file, name) -> {
                for (String path : List.of(MESSAGES, COMPLETIONS)) {
                    errorIn(gateway.kimi(), COMPLETIONS, path, "claude-kimi-k3", file);
                    errorIn(gateway.claude(), MESSAGES, path, CLAUDE, file);
                }
            });
        }
        assertThat(faults).isEmpty();
    }

    private void errorIn(KimiSimulator service, String at, String path, String model, Path file) {
        reset();
        service.replyAt(at, Reply.recorded(file));
        HttpResponse<String> response = gateway.post(path, body(model, false), "anthropic-version", "2023-06-01");
        boolean sameProtocol = at.equals(path);
        JsonNode json = json(response.body());
        boolean shaped = path.equals(MESSAGES)
                ? "error".equals(json.path("type").asString(""))
                        && json.path("error").isObject()
                : json.path("error").isObject();
        // the gateway's own words stand for trouble with its credentials, and for what is no error to begin with
        boolean own = response.statusCode() == 502 || !text(file).contains("\"error\"");
        boolean untouched = sameProtocol && text(file).endsWith(response.body());
        if (response.statusCode() < 400 || !untouched && !(shaped && (own || !sameProtocol))) {
            faults.add(file.getFileName() + " at " + path + " of " + model + " came as " + response.statusCode() + " "
                    + response.body());
        }
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            return JSON.createObjectNode();
        }
    }

    private void forEach(String folder, String ending, BiConsumer<Path, String> check) throws IOException {
        try (Stream<Path> files = Files.walk(captures.resolve(folder))) {
            List<Path> wanted = files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
            assertThat(wanted).isNotEmpty();
            for (Path file : wanted) {
                reset();
                check.accept(file, file.getFileName().toString());
            }
        }
    }

    private void reset() {
        gateway.kimi().reset();
        gateway.claude().reset();
        gateway.context().getBeansOfType(KimiClient.class).values().forEach(KimiClient::resetLimits);
    }

    private void compare(String name, String direct, String through) {
        if (!direct.equals(through)) {
            faults.add(name + "\n  by the service: " + direct + "\n  by the gateway: " + through);
        }
    }

    /** What a client makes of the response to a stream. */
    private static String outcome(KimiClient client) {
        client.resetLimits();
        try (ChatStream stream = client.stream(ChatRequest.of("Hello"))) {
            stream.forEach(event -> {});
            ChatResponse response = stream.response();
            StringBuilder outcome = new StringBuilder(response.text());
            response.toolCalls()
                    .forEach(call -> outcome.append(" | ")
                            .append(call.name())
                            .append(call.arguments().isBlank() ? "{}" : json(call.arguments())));
            return outcome.toString();
        } catch (KimiException e) {
            return FAILURE;
        }
    }

    private static KimiClient client(String url, String protocol, String model) {
        return KimiClient.builder()
                .baseUrl(url)
                .protocol(protocol)
                .model(model)
                .apiKey("sk-captures")
                .retryPolicy(RetryPolicy.never())
                .build();
    }

    /** All that comes, also of a response that breaks off. */
    private String stream(String path, String model) {
        ByteArrayOutputStream came = new ByteArrayOutputStream();
        try {
            HttpResponse<InputStream> response = gateway.http()
                    .send(
                            gateway.request(path, "content-type", "application/json", "anthropic-version", "2023-06-01")
                                    .POST(BodyPublishers.ofString(body(model, true)))
                                    .build(),
                            BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                for (int next = body.read(); next >= 0; next = body.read()) {
                    came.write(next);
                }
            }
        } catch (IOException e) {
            // the gateway has broken off within an event
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return came.toString(StandardCharsets.UTF_8);
    }

    private static String body(String model, boolean stream) {
        return "{\"model\":\"" + model + "\",\"max_tokens\":1000,\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
