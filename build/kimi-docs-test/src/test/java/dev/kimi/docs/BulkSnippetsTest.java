package dev.kimi.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.BatchOptions;
import dev.kimi.BatchResult;
import dev.kimi.BatchRun;
import dev.kimi.KimiClient;
import dev.kimi.batch.BatchWindow;
import dev.kimi.batch.WindowObservation;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.KimiException;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bulk part of docs/guide.md, run. */
@Timeout(60)
class BulkSnippetsTest {

    private final KimiSimulator service = KimiSimulator.start();
    private final KimiClient kimi =
            KimiClient.builder().baseUrl(service.baseUrl()).apiKey("sk-test").build();
    private final Map<Integer, String> stored = new TreeMap<>();

    @AfterEach
    void stop() {
        kimi.close();
        service.close();
    }

    @Test
    void bulk() {
        service.otherwise(Reply.text("yes"));
        List<ChatRequest> questions = IntStream.range(0, 40)
                .mapToObj(number -> ChatRequest.of("Is " + number + " even?"))
                .toList();
        // snippet:bulk
        try (BatchRun run = kimi.batch(questions, BatchOptions.fixed(16))) {
            for (BatchResult result : run) {
                result.response()
                        .ifPresentOrElse(
                                response -> store(result.index(), response),
                                () -> log(result.index(), result.failure()));
            }
        }
        // end
        assertThat(stored).hasSize(40).containsEntry(39, "yes");
    }

    @Test
    void littles_law() {
        service.otherwise(Reply.text("yes"));
        List<ChatRequest> questions = List.of(ChatRequest.of("Is it?"), ChatRequest.of("Really?"));
        // snippet:littles-law
        BatchOptions window = BatchOptions.window(BatchWindow.littlesLaw(64, 20));
        // end
        try (BatchRun run = kimi.batch(questions, window)) {
            for (BatchResult result : run) {
                assertThat(result.succeeded()).isTrue();
            }
        }
    }

    @Test
    void a_window_of_its_own() {
        service.otherwise(Reply.text("yes"));
        // snippet:own-window
        BatchOptions careful = BatchOptions.window(seen -> seen.throttled() == 0 ? 32 : 8);
        // end
        try (BatchRun run = kimi.batch(List.of(ChatRequest.of("Is it?")), careful)) {
            run.forEach(result -> assertThat(result.succeeded()).isTrue());
            assertThat(run.progress().window()).isEqualTo(32);
        }
    }

    /** The numbers of the table in the guide. */
    @ParameterizedTest
    @CsvSource({"89, 2", "142, 3", "1000, 20", "3200, 64", "10000, 64"})
    void the_window_of_the_table(long latencyMillis, int window) {
        WindowObservation seen = WindowObservation.builder()
                .averageLatency(Duration.ofMillis(latencyMillis))
                .build();

        assertThat(BatchWindow.littlesLaw(64, 20).permits(seen)).isEqualTo(window);
    }

    private void store(int index, ChatResponse response) {
        stored.put(index, response.text());
    }

    private void log(int index, KimiException failure) {
        stored.put(index, failure.getMessage());
    }
}
