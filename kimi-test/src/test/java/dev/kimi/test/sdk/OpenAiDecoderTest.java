package dev.kimi.test.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.errors.OpenAIException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.completions.CompletionUsage;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.KimiException;
import dev.kimi.test.sdk.Recordings.Recording;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * OpenAI's own client and our decoder give the same for the same recorded bytes, where that client reads them at all.
 * Each difference is named; ours are right by the bytes, as {@code CapturedChatsTest} of kimi-core holds.
 */
@EnabledIfSystemProperty(named = "kimi.captures", matches = ".+")
class OpenAiDecoderTest {

    /** Theirs takes usage that comes with a choice for a chunk without choices, and throws. */
    private static final Set<String> USAGE_BESIDE_A_CHOICE = Set.of(
            "kimi/hosted-groq-k2-one-tool.sse",
            "kimi/hosted-groq-k2-parallel-tools.sse",
            "openai-compatible/deepseek-reasoner-cut.sse",
            "openai-compatible/deepseek-text.http",
            "openai-compatible/deepseek-tool-no-arguments.sse",
            "openai-compatible/huggingface-deepseek-r1-think-tags-cut.sse");

    /** Theirs throws when anything but usage follows a finish reason. */
    private static final Set<String> FINISHED_TWICE = Set.of("kimi/hosted-deepinfra-k2-ids-0-1-two-finish-reasons.sse");

    /** Theirs reads the events of a stream whose blank lines were lost as one event. */
    private static final Set<String> WITHOUT_BLANK_LINES = Set.of(
            "kimi/synthetic/documentation-stream-space-separators.sse",
            "openai-compatible/litellm-kimi-no-finish-reason-key.sse");

    /** Theirs takes a finish reason for the end; ours waits for the end mark. */
    private static final Set<String> WITHOUT_END_MARK = Set.of("kimi/direct-k2-turbo-final-chunk.json");

    /**
     * What of a response differs: Kimi's usage within the choice, which theirs passes over; an id that changes, of
     * which theirs takes the last; reasoning tokens that xAI counts beside the output, which ours adds to it.
     */
    private static final Map<String, String> DIFFERENT = Map.of(
            "kimi/direct-k2-0905-usage-in-choice.sse", "counts",
            "kimi/synthetic/k2.7-code-usage-in-choice.sse", "counts",
            "kimi/hosted-avian-k2.5-id-changes.sse", "id",
            "openai-compatible/xai-tool-one-chunk.sse", "counts");

    private static final OpenAiReader THEIRS = new OpenAiReader();
    private static final KimiReader OURS = new KimiReader("openai", "kimi-k3");

    @AfterAll
    static void stop() {
        THEIRS.close();
        OURS.close();
    }

    private record Chat(
            String id, String model, String text, List<List<String>> calls, String finish, List<Long> counts) {

        static Chat of(ChatCompletion completion) {
            ChatCompletion.Choice choice = completion.choices().get(0);
            List<List<String>> calls = new ArrayList<>();
            choice.message()
                    .toolCalls()
                    .orElse(List.of())
                    .forEach(call -> calls.add(List.of(
                            call.asFunction().id(),
                            call.asFunction().function().name(),
                            call.asFunction().function().arguments())));
            CompletionUsage usage = completion.usage().orElse(null);
            return new Chat(
                    completion.id(),
                    completion.model(),
                    choice.message().content().orElse(""),
                    calls,
                    choice.finishReason().asString(),
                    usage == null
                            ? List.of(0L, 0L, 0L)
                            : List.of(usage.promptTokens(), usage.completionTokens(), usage.totalTokens()));
        }

        Chat without(@Nullable String member) {
            return new Chat(
                    "id".equals(member) ? "" : id,
                    model,
                    text,
                    calls,
                    finish,
                    "counts".equals(member) ? List.of() : counts);
        }

        static Chat of(ChatResponse response) {
            return new Chat(
                    response.id(),
                    response.model(),
                    response.text(),
                    response.toolCalls().stream()
                            .map(call -> List.of(call.id(), call.name(), call.arguments()))
                            .toList(),
                    response.finishReason().value(),
                    List.of(
                            response.usage().promptTokens(),
                            response.usage().completionTokens(),
                            response.usage().totalTokens()));
        }
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void recordings_are_read_alike(Recording recording) {
        byte[] body = recording.body();
        Dice parts = new Dice(body.length);

        Optional<Chat> theirs = outcome(() -> Chat.of(recording.isStream() ? THEIRS.stream(body) : THEIRS.whole(body)));
        Optional<Chat> ours = outcome(
                () -> Chat.of(recording.isStream() ? OURS.stream(body, parts, e -> {}) : OURS.whole(body, parts)));

        String file = recording.file();
        if (Stream.of(USAGE_BESIDE_A_CHOICE, FINISHED_TWICE, WITHOUT_BLANK_LINES)
                .anyMatch(unreadable -> unreadable.contains(file))) {
            assertThat(theirs).isEmpty();
            assertThat(ours).isPresent();
        } else if (WITHOUT_END_MARK.contains(file)) {
            assertThat(theirs).isPresent();
            assertThat(ours).isEmpty();
        } else {
            assertThat(ours.equals(theirs)).isEqualTo(!DIFFERENT.containsKey(file));
            assertThat(ours.map(chat -> chat.without(DIFFERENT.get(file))))
                    .isEqualTo(theirs.map(chat -> chat.without(DIFFERENT.get(file))));
        }
    }

    static Stream<Recording> recordings() {
        return Stream.of("kimi", "openai-compatible")
                .flatMap(folder -> Recordings.files(folder).stream())
                .filter(file -> !file.startsWith("kimi/anthropic-endpoint-"))
                .map(file -> Recordings.read(file, OpenAiDecoderTest::chunk));
    }

    private static String chunk(JsonNode data) {
        return "data: " + data + "\n\n";
    }

    /** What was read, or nothing where it cannot be. */
    private static Optional<Chat> outcome(Supplier<Chat> reading) {
        try {
            return Optional.of(reading.get());
        } catch (IllegalStateException | OpenAIException | KimiException | CompletionException e) {
            return Optional.empty();
        }
    }
}
