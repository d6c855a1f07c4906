package dev.kimi.test.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.anthropic.errors.AnthropicServiceException;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.KimiException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.test.sdk.Recordings.Recording;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Anthropic's own decoder and ours give the same for the same bytes; where they do not on purpose, see
 * {@link AnthropicDifferencesTest}. {@code -Dkimi.fuzz.inputs} and {@code -Dkimi.fuzz.base} ask for more messages, or
 * others; the message of a failure names the seed, which as base with one input runs that one alone.
 */
class AnthropicDecoderTest {

    private static final long INPUTS = Long.getLong("kimi.fuzz.inputs", 1_000);
    private static final long BASE = Long.getLong("kimi.fuzz.base", 20_261_127);

    /** What is no message. */
    private static final List<String> ELSEWHERE =
            List.of("claude/batch-ended.json", "claude/batch-results.jsonl", "claude/count-tokens.http");

    /** What Anthropic's client rejects: see {@link AnthropicDifferencesTest#a_message_that_begins_twice()}. */
    private static final String BEGINS_TWICE = "claude/synthetic/duplicate-message-start.jsonl";

    private static final AnthropicReader THEIRS = new AnthropicReader();
    private static final KimiReader OURS = new KimiReader("anthropic", "claude-opus-5-5");

    @AfterAll
    static void stop() {
        THEIRS.close();
        OURS.close();
    }

    @Test
    void generated_streams_and_bodies_are_read_alike() {
        for (long seed = BASE; seed < BASE + INPUTS; seed++) {
            try {
                check(new GeneratedMessage(seed), new Dice(seed));
            } catch (RuntimeException | AssertionError e) {
                fail("message of seed " + seed, e);
            }
        }
    }

    private static void check(GeneratedMessage message, Dice parts) {
        byte[] stream = message.stream();
        byte[] body = message.body();
        Reading expected = Reading.of(message.message());
        Reading ours = withoutCut(message);
        StringBuilder text = new StringBuilder();

        ChatResponse streamed = OURS.stream(
                stream, parts, event -> text.append(event instanceof ChatEvent.Text piece ? piece.value() : ""));
        ChatResponse whole = OURS.whole(body, parts);

        assertThat(Reading.of(streamed)).isEqualTo(ours);
        assertThat(Reading.of(whole)).isEqualTo(ours);
        assertThat(text).hasToString(ours.text());
        List<String> cut = message.cutCall();
        assertThat(streamed.cutToolCalls())
                .extracting(call -> List.of(call.id(), call.name()))
                .isEqualTo(cut == null ? List.of() : List.of(cut));
        assertThat(Reading.of(THEIRS.betaStream(stream))).as("theirs").isEqualTo(expected);
        assertThat(Reading.of(THEIRS.whole(body))).as("theirs").isEqualTo(expected);
        // shares all but its types with the client of the beta API
        if (!message.isBeta() && parts.oneIn(4)) {
            assertThat(Reading.of(THEIRS.stream(stream))).as("theirs").isEqualTo(expected);
        }
    }

    /** A call that was cut is to them one without input, and to us no call; see {@link AnthropicDifferencesTest}. */
    private static Reading withoutCut(GeneratedMessage message) {
        ObjectNode left = message.message().deepCopy();
        if (message.cutCall() != null) {
            left.withArray("content").remove(left.path("content").size() - 1);
        }
        return Reading.of(left);
    }

    @Test
    void generated_streams_have_all_that_the_protocol_has() {
        Set<String> types = new HashSet<>();
        Set<String> others = new HashSet<>();
        for (long seed = 1; seed <= 400; seed++) {
            GeneratedMessage message = new GeneratedMessage(seed);
            String stream = new String(message.stream(), StandardCharsets.UTF_8);
            Pattern.compile("\"(?:type|stop_reason)\": ?\"(\\w+)\"")
                    .matcher(stream)
                    .results()
                    .map((MatchResult found) -> found.group(1))
                    .forEach(types::add);
            others.add(message.cutCall() == null ? "whole" : "cut");
            others.add(Pattern.compile("\\\\u[dD][89aAbB]..\"").matcher(stream).find() ? "half a character" : "");
            others.add(stream.contains("\r\n") ? "CRLF" : stream.contains("\r") ? "CR" : "LF");
            others.add(stream.split("message_delta").length > 3 ? "several ends" : "");
        }

        assertThat(types)
                .containsAll(new GeneratedBlocks(new Dice(1)).kinds())
                .contains("text_delta", "input_json_delta", "citations_delta", "thinking_delta", "signature_delta")
                .contains("compaction_delta", "ping", "progress", "message_start", "message_delta", "message_stop")
                .contains("char_location", "page_location", "content_block_location", "search_result_location")
                .contains("web_search_result_location", "end_turn", "tool_use", "max_tokens", "stop_sequence")
                .contains("refusal", "pause_turn", "model_context_window_exceeded", "compaction");
        assertThat(others).contains("cut", "whole", "half a character", "CRLF", "CR", "LF", "several ends");
    }

    @ParameterizedTest
    @MethodSource("recordings")
    @EnabledIfSystemProperty(named = "kimi.captures", matches = ".+")
    void recordings_are_read_alike(Recording recording) {
        byte[] body = recording.body();
        Dice parts = new Dice(body.length);

        Object theirs = outcome(() -> recording.isStream() ? THEIRS.betaStream(body) : THEIRS.whole(body));
        Object ours = outcome(() -> recording.isStream() ? OURS.stream(body, parts, e -> {}) : OURS.whole(body, parts));

        assertThat(ours).isEqualTo(theirs);
    }

    static Stream<Recording> recordings() {
        return Stream.of("claude", "kimi")
                .flatMap(folder -> Recordings.files(folder).stream())
                .filter(file -> file.startsWith("claude/") || file.startsWith("kimi/anthropic-endpoint-"))
                .filter(file -> !ELSEWHERE.contains(file) && !BEGINS_TWICE.equals(file))
                .map(file -> Recordings.read(file, AnthropicDecoderTest::event));
    }

    @Test
    @EnabledIfSystemProperty(named = "kimi.captures", matches = ".+")
    void messages_among_the_results_of_a_recorded_batch_are_read_alike() {
        List<byte[]> messages = Recordings.lines("claude/batch-results.jsonl").stream()
                .map(line -> Reading.JSON.readTree(line).path("result").path("message"))
                .map(message -> message.toString().getBytes(StandardCharsets.UTF_8))
                .toList();

        assertThat(messages)
                .isNotEmpty()
                .allSatisfy(message -> assertThat(Reading.of(OURS.whole(message, new Dice(1))))
                        .isEqualTo(Reading.of(THEIRS.whole(message))));
    }

    private static String event(JsonNode data) {
        return "event: " + data.path("type").stringValue() + "\ndata: " + data + "\n\n";
    }

    /** What was read, or how it failed. */
    private static Object outcome(Supplier<Object> reading) {
        try {
            Object read = reading.get();
            return read instanceof JsonNode json ? Reading.of(sent(json)) : Reading.of((ChatResponse) read);
        } catch (AnthropicServiceException e) {
            return "error " + e.type().orElseThrow();
        } catch (TruncatedStreamException
                | IllegalStateException
                | com.anthropic.errors.AnthropicInvalidDataException e) {
            return "cut or unreadable";
        } catch (KimiException e) {
            return "error " + e.errorType();
        }
    }

    /** What came: their accumulator adds a null to compaction that the service did not send. */
    private static JsonNode sent(JsonNode message) {
        message.path("content").forEach(block -> {
            if (block.path("type").asString("").equals("compaction")
                    && block.path("encrypted_content").isNull()) {
                ((ObjectNode) block).remove("encrypted_content");
            }
        });
        return message;
    }
}
