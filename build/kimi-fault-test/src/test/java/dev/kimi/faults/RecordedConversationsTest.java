package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.KimiException;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a service was recorded to say, read by a whole client, goes back to it with the results of the tools that were
 * called, and is accepted. The recordings are in a folder given by the system property {@code kimi.captures}.
 */
@Timeout(60)
@EnabledIfSystemProperty(named = "kimi.captures", matches = ".+")
class RecordedConversationsTest {

    /** What is no message. */
    private static final List<String> ELSEWHERE =
            List.of("batch-ended.json", "batch-results.jsonl", "count-tokens.http");

    /** What has no end, or no good one. */
    private static final List<String> BROKEN =
            List.of("mid-stream-error-overloaded.jsonl", "spliced-message-start.jsonl", "anthropic-endpoint-k2.5");

    private static final Pattern TYPE = Pattern.compile("\"type\":\\s*\"(\\w+)\"");

    private final KimiSimulator service = KimiSimulator.start();

    @AfterEach
    void stop() {
        service.close();
    }

    static List<String> claude() throws IOException {
        return files("claude", "");
    }

    static List<String> kimi() throws IOException {
        return files("kimi", "anthropic-endpoint-");
    }

    private static List<String> files(String folder, String prefix) throws IOException {
        Path root = folder();
        try (Stream<Path> files = Files.walk(root.resolve(folder))) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.getFileName().toString().startsWith(prefix))
                    .filter(file -> !ELSEWHERE.contains(file.getFileName().toString()))
                    .map(file -> root.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    private static Path folder() {
        return Path.of(System.getProperty("kimi.captures", ""));
    }

    @ParameterizedTest
    @MethodSource("claude")
    void a_turn_of_claudes_goes_back_to_the_model_that_said_it_and_to_a_stricter_one(String file) throws Exception {
        for (String model : List.of("claude-haiku-4-5", "claude-opus-5-5")) {
            try (KimiClient client = client("", model)) {
                goesBack(client, file);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kimi")
    void a_turn_of_kimis_goes_back_to_its_messages_face(String file) throws Exception {
        try (KimiClient client = client("/anthropic", "kimi-k2.6")) {
            goesBack(client, file);
        }
    }

    private KimiClient client(String path, String model) {
        return Wire.ANTHROPIC_HTTP1
                .client()
                .baseUrl(service.baseUrl() + path)
                .apiKey("sk-test")
                .model(model)
                .retryPolicy(RetryPolicy.never())
                .build();
    }

    private void goesBack(KimiClient client, String file) throws IOException {
        String body = body(file);
        boolean streamed = !body.startsWith("{");
        ChatRequest request = ChatRequest.of("hi");
        service.reply(Reply.raw(body.getBytes(StandardCharsets.UTF_8)));
        if (BROKEN.stream().anyMatch(file::contains)) {
            assertThatThrownBy(() -> read(client, request, streamed)).isInstanceOf(KimiException.class);
            return;
        }
        ChatResponse response = read(client, request, streamed);
        ChatRequest.Builder next = request.after(response);
        for (ToolCall call : response.toolCalls()) {
            next.toolResult(call, "1");
        }

        client.chat(next.user("Go on.").build());

        List<ReceivedRequest> requests = service.requests();
        ReceivedRequest last = requests.get(requests.size() - 1);
        assertThat(last.status()).isEqualTo(200);
        assertThat(blocks(last)).isEqualTo(response.message().blocks().size());
    }

    private static ChatResponse read(KimiClient client, ChatRequest request, boolean streamed) {
        if (!streamed) {
            return client.chat(request);
        }
        try (ChatStream stream = client.stream(request)) {
            stream.forEach(event -> {});
            return stream.response();
        }
    }

    /** How many blocks the assistant's turn has. */
    private static int blocks(ReceivedRequest request) {
        return request.body().get("messages") instanceof List<?> turns
                        && turns.get(1) instanceof Map<?, ?> turn
                        && turn.get("content") instanceof List<?> content
                ? content.size()
                : 0;
    }

    private static String body(String file) throws IOException {
        String text = Files.readString(folder().resolve(file));
        if (file.endsWith(".jsonl") || file.contains("message-start.json")) {
            return text.lines().map(RecordedConversationsTest::event).collect(Collectors.joining());
        }
        return text.substring(file.endsWith(".http") ? text.indexOf("\r\n\r\n") + 4 : 0);
    }

    private static String event(String data) {
        Matcher type = TYPE.matcher(data);
        return "event: " + (type.find() ? type.group(1) : "") + "\ndata: " + data + "\n\n";
    }
}
