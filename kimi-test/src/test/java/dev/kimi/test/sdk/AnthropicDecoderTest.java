package dev.kimi.test.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.kimi.chat.ChatResponse;
import dev.kimi.test.sdk.Recordings.Recording;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Anthropic's own decoder and ours give the same for the same bytes. {@code -Dkimi.fuzz.inputs} and
 * {@code -Dkimi.fuzz.base} ask for more messages, or others; the message of a failure names the seed, which as base
 * with one input runs that one alone.
 */
class AnthropicDecoderTest {

    private static final long INPUTS = Long.getLong("kimi.fuzz.inputs", 1_000);
    private static final long BASE = Long.getLong("kimi.fuzz.base", 20_261_127);

    /** What is no message. */
    private static final List<String> ELSEWHERE =
            List.of("claude/batch-ended.json", "claude/batch-results.jsonl", "claude/count-tokens.http");

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

    @ParameterizedTest
    @MethodSource("recordings")
    @EnabledIfSystemProperty(named = "kimi.captures", matches = ".+")
    void recordings_are_read_alike(Recording recording) {
        byte[] body = recording.body();
        Dice parts = new Dice(body.length);

        Object theirs = outcome(() -> recording.isStream() ? THEIRS.betaStream(body) : THEIRS.whole(body));
        Object ours = outcome(() ->
                Reading.of(recording.isStream() ? OURS.stream(body, parts, event -> {}) : OURS.whole(body, parts)));

        assertThat(ours).isEqualTo(theirs);
    }

    static Stream<Recording> recordings() {
        return Stream.of("claude", "kimi")
                .flatMap(folder -> Recordings.files(folder).stream())
                .filter(file -> file.startsWith("claude/") || file.startsWith("kimi/anthropic-endpoint-"))
                .filter(file -> !ELSEWHERE.contains(file))
                .map(file -> Recordings.read(file, AnthropicDecoderTest::event));
    }

    /** What was read, or the kind of failure. */
    private static Object outcome(Supplier<Object> reading) {
        try {
            Object read = reading.get();
            return read instanceof JsonNode json ? Reading.of(json) : read;
        } catch (RuntimeException e) {
            return String.valueOf(e);
        }
    }

    private static String event(String data) {
        return "event: " + Reading.JSON.readTree(data).path("type").stringValue() + "\ndata: " + data + "\n\n";
    }

    private static void check(GeneratedMessage message, Dice parts) {
        byte[] stream = message.stream();
        byte[] body = message.body();
        Reading expected = Reading.of(message.message());

        ChatResponse streamed = OURS.stream(stream, parts, event -> {});
        ChatResponse whole = OURS.whole(body, parts);

        assertThat(Reading.of(streamed)).isEqualTo(expected);
        assertThat(Reading.of(whole)).isEqualTo(expected);
        assertThat(Reading.of(THEIRS.betaStream(stream))).as("theirs").isEqualTo(expected);
        assertThat(Reading.of(THEIRS.whole(body))).as("theirs").isEqualTo(expected);
        if (!message.isBeta()) {
            assertThat(Reading.of(THEIRS.stream(stream))).as("theirs").isEqualTo(expected);
        }
    }
}
