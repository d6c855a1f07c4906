package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.ServerException;
import dev.kimi.retry.RetryPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Responses as services and proxies send them, byte for byte, from a folder that is no part of this repository: files
 * {@code *.chat.http} and {@code *.stream.http}, each sent at once and one byte at a time.
 */
@EnabledIfSystemProperty(named = "kimi.cases", matches = ".+")
class CasesTest {

    private static final Map<String, Consumer<Outcome>> EXPECTED = Map.ofEntries(
            Map.entry("F01-", outcome -> text(outcome, "Hello")),
            Map.entry("F02a-", outcome -> throttled(outcome, null)),
            Map.entry("F02b-", outcome -> once(outcome, AuthenticationException.class)),
            Map.entry("F03a-", CasesTest::wholeHello),
            Map.entry("F03b-", CasesTest::wholeHello),
            Map.entry("F03d-", outcome -> failure(outcome, ServerException.class, 3)),
            Map.entry(
                    "F03f-",
                    outcome -> assertThat(
                                    failure(outcome, ServerException.class, 3).errorType())
                            .isEqualTo("502")),
            Map.entry("F04-", CasesTest::wholeHello),
            Map.entry("F05-", outcome -> calls(outcome, "mcp__fs__read_file {\"path\":\"/a\"}")),
            Map.entry("F06a-", outcome -> calls(outcome, "get_time {}", "delete_file {\"path\":\"/a\"}")),
            Map.entry("F07a-", outcome -> calls(outcome, "get_time {}")),
            Map.entry("F08a-", outcome -> once(outcome, QuotaExceededException.class)),
            Map.entry("F08b-", outcome -> once(outcome, QuotaExceededException.class)),
            Map.entry("F08c-", outcome -> once(outcome, QuotaExceededException.class)),
            Map.entry("F09a-", outcome -> throttled(outcome, null)),
            Map.entry("F10a-", CasesTest::connectionIsNotReused),
            Map.entry("F11a-", CasesTest::wholeHello),
            Map.entry("F12a-", CasesTest::wholeHello),
            Map.entry(
                    "F12c-",
                    outcome -> assertThat(once(outcome, InvalidRequestException.class))
                            .hasMessageContaining("Not found the model")),
            Map.entry("F13-", outcome -> text(outcome, "Hi \uFFFD there")),
            Map.entry(
                    "F14a-",
                    outcome -> assertThat(once(outcome, AuthenticationException.class))
                            .hasMessageContaining("Invalid API key")),
            Map.entry("F14b-", outcome -> throttled(outcome, Duration.ofSeconds(3))),
            Map.entry("F15-", outcome -> once(outcome, ContentFilteredException.class)),
            Map.entry("F16-", CasesTest::wholeHello),
            Map.entry("F17-", CasesTest::saysAccepted),
            Map.entry("F19-", CasesTest::countsTokens),
            Map.entry("F20-", CasesTest::connectionIsNotReused));

    /** What came of two calls, one after the other, of which only the first may have been tried again. */
    private record Outcome(
            String file,
            @Nullable ChatResponse response,
            @Nullable KimiException failure,
            int requests,
            ByteServer server) {

        ChatResponse good() {
            if (failure != null) {
                throw new AssertionError(file + " gave no response", failure);
            }
            return Objects.requireNonNull(response);
        }
    }

    @TestFactory
    @Timeout(60)
    Stream<DynamicTest> every_case_gives_what_it_must() throws IOException {
        Path folder = Path.of(System.getProperty("kimi.cases"));
        List<Path> files;
        try (Stream<Path> found = Files.list(folder)) {
            files = found.filter(file -> file.toString().endsWith(".http"))
                    .sorted()
                    .toList();
        }
        assertThat(files).as("files in the folder of kimi.cases").isNotEmpty();
        return files.stream()
                .flatMap(file -> Stream.of(test(file, Integer.MAX_VALUE / 2, "at once"), test(file, 1, "by bytes")));
    }

    private static DynamicTest test(Path file, int piece, String how) {
        String name = file.getFileName().toString();
        return DynamicTest.dynamicTest(name + " " + how, () -> {
            boolean streamed = name.endsWith(".stream.http");
            try (ByteServer server = ByteServer.sending(Files.readAllBytes(file), piece);
                    KimiClient client = client(server, name)) {
                Outcome first = call(client, server, name, streamed);
                // what one response leaves behind on the connection must not harm the next call
                call(client, server, name, streamed);
                expectation(name).accept(first);
            }
        });
    }

    /**
     * A file of another kind must give a response or a failure of ours, which a hanging or foreign exception is not.
     */
    private static Consumer<Outcome> expectation(String file) {
        return EXPECTED.entrySet().stream()
                .filter(entry -> file.startsWith(entry.getKey()))
                .findFirst()
                .map(Map.Entry::getValue)
                .orElse(outcome -> {});
    }

    private static KimiClient client(ByteServer server, String file) {
        var builder = TransportUnderTest.HTTP1
                .client()
                .baseUrl(server.baseUrl())
                .apiKey("sk-test")
                .model("m")
                // chance always gives the shortest wait, which is none
                .random(() -> 0L);
        return (file.startsWith("F14b-") ? builder.retryPolicy(RetryPolicy.never()) : builder).build();
    }

    private static Outcome call(KimiClient client, ByteServer server, String file, boolean streamed) {
        int before = server.requests();
        ChatRequest request = ChatRequest.builder()
                .user("Hello?")
                .deadline(Duration.ofSeconds(20))
                .build();
        try {
            ChatResponse response = streamed ? stream(client, request) : client.chat(request);
            return new Outcome(file, response, null, server.requests() - before, server);
        } catch (KimiException e) {
            return new Outcome(file, null, e, server.requests() - before, server);
        }
    }

    private static ChatResponse stream(KimiClient client, ChatRequest request) {
        try (ChatStream stream = client.stream(request)) {
            stream.forEach(event -> {});
            return stream.response();
        }
    }

    private static <T extends KimiException> T failure(Outcome outcome, Class<T> type, int requests) {
        assertThat(outcome.failure).isInstanceOf(type);
        T failure = type.cast(Objects.requireNonNull(outcome.failure));
        assertThat(outcome.requests).as("requests").isEqualTo(requests);
        assertThat(failure.attempts()).isEqualTo(requests);
        return failure;
    }

    private static <T extends KimiException> T once(Outcome outcome, Class<T> type) {
        return failure(outcome, type, 1);
    }

    private static void throttled(Outcome outcome, @Nullable Duration hint) {
        RateLimitException limited = failure(outcome, RateLimitException.class, hint == null ? 3 : 1);
        assertThat(limited.retryAfter()).isEqualTo(hint);
        assertThat(limited).hasMessageNotContaining("429 429");
    }

    private static ChatResponse text(Outcome outcome, String text) {
        ChatResponse response = outcome.good();
        assertThat(response.text()).isEqualTo(text);
        assertThat(outcome.requests).as("requests").isEqualTo(1);
        return response;
    }

    private static void wholeHello(Outcome outcome) {
        ChatResponse response = text(outcome, "Hello");
        assertThat(response.finishReason()).isEqualTo(FinishReason.STOP);
        assertThat(response.usage().totalTokens()).isEqualTo(18);
    }

    private static void calls(Outcome outcome, String... calls) {
        List<ToolCall> found = outcome.good().toolCalls();
        assertThat(found)
                .extracting(call -> call.name() + " " + call.arguments())
                .containsExactly(calls);
    }

    private static void connectionIsNotReused(Outcome outcome) {
        wholeHello(outcome);
        assertThat(outcome.server.connections()).isEqualTo(2);
    }

    private static void saysAccepted(Outcome outcome) {
        KimiException failure = Objects.requireNonNull(outcome.failure);
        assertThat(failure.status()).isEqualTo(202);
    }

    private static void countsTokens(Outcome outcome) {
        ChatResponse response = text(outcome, "x");
        assertThat(response.usage().cachedTokens()).isEqualTo(64);
        assertThat(response.usage().reasoningTokens()).isEqualTo(4);
    }
}
