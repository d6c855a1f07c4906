package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatRequest;
import dev.kimi.error.RejectedException;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.service.ModelCard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is made of several calls, while its client shuts down. */
@Timeout(60)
class ClientShutdownTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void of_a_bulk_run_items_in_flight_end_and_the_others_are_reported_as_rejected() {
        ClientFixture fixture = new ClientFixture(body -> ClientFixture.Reply.text("yes"));
        List<ChatRequest> questions = IntStream.range(0, 10)
                .mapToObj(i -> ChatRequest.of("question " + i))
                .toList();
        List<BatchResult> results = new ArrayList<>();
        try (KimiClient client = fixture.builder().build();
                BatchRun run = client.batch(questions, BatchOptions.fixed(3))) {
            CompletableFuture<Boolean> over = client.shutdown(LIMIT);
            fixture.answerAll();
            run.forEach(results::add);

            assertThat(over).isCompletedWithValue(true);
        }
        assertThat(fixture.sent).hasSize(3);
        assertThat(results).extracting(BatchResult::index).hasSize(10).doesNotHaveDuplicates();
        assertThat(results)
                .filteredOn(BatchResult::succeeded)
                .extracting(BatchResult::index)
                .containsExactly(0, 1, 2);
        assertThat(results)
                .filteredOn(result -> !result.succeeded())
                .allSatisfy(result -> assertThat(result.failure())
                        .isInstanceOfSatisfying(
                                RejectedException.class,
                                failure -> assertThat(failure.reason())
                                        .isEqualTo(RejectedException.Reason.SHUTTING_DOWN)));
    }

    @Test
    void a_list_of_models_that_has_begun_is_read_to_its_last_page() {
        List<String> pages = new ArrayList<>(List.of(page("claude-a", true), page("claude-b", false)));
        ClientFixture service = new ClientFixture(body -> new ClientFixture.Reply(200, pages.remove(0)));
        try (KimiClient claude = service.builder()
                .baseUrl("https://api.anthropic.com")
                .model("claude-opus-4-8")
                .retryPolicy(RetryPolicy.never())
                .build()) {
            CompletableFuture<List<ModelCard>> models = claude.modelsAsync();

            CompletableFuture<Boolean> over = claude.shutdown(LIMIT);
            service.answerAll();

            assertThat(models.join()).extracting(ModelCard::id).containsExactly("claude-a", "claude-b");
            assertThat(over).isCompletedWithValue(true);
        }
    }

    private static String page(String id, boolean more) {
        return "{\"data\":[{\"type\":\"model\",\"id\":\"" + id + "\"}],\"has_more\":" + more + ",\"first_id\":\"" + id
                + "\",\"last_id\":\"" + id + "\"}";
    }
}
