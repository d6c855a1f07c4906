package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.error.CallCancelledException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.ServerException;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.service.ModelCard;
import dev.kimi.time.Timeouts;
import dev.kimi.transport.TransportRequest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

/** Claude's list of models, which comes in pages. */
class ModelPagesTest {

    private final Deque<ClientFixture.Reply> replies = new ArrayDeque<>();
    private final ClientFixture service = new ClientFixture(body -> replies.remove());

    private KimiClientBuilder builder() {
        return service.builder()
                .baseUrl("https://api.anthropic.com")
                .model("claude-opus-4-8")
                .retryPolicy(RetryPolicy.never());
    }

    private void pages(String... bodies) {
        for (String body : bodies) {
            replies.add(new ClientFixture.Reply(200, body));
        }
    }

    private static String page(String id, boolean more) {
        return "{\"data\":[{\"type\":\"model\",\"id\":\"" + id + "\",\"max_input_tokens\":500}],\"has_more\":" + more
                + ",\"first_id\":\"" + id + "\",\"last_id\":\"" + id + "\"}";
    }

    @Test
    void all_pages_are_read_and_are_known_from_then_on() {
        pages(page("claude-a", true), page("claude-b/ü", true), page("claude-c", false));
        try (KimiClient claude = builder().build()) {
            CompletableFuture<List<ModelCard>> models = claude.modelsAsync();
            service.answerAll();

            assertThat(models.join()).extracting(ModelCard::id).containsExactly("claude-a", "claude-b/ü", "claude-c");
            assertThat(claude.modelCard("claude-a").contextLength()).isEqualTo(500);
            assertThat(claude.modelCard("claude-c").contextLength()).isEqualTo(500);
        }
        assertThat(service.sent)
                .extracting(TransportRequest::target)
                .containsExactly(
                        "/v1/models?limit=1000",
                        "/v1/models?limit=1000&after_id=claude-a",
                        "/v1/models?limit=1000&after_id=claude-b%2F%C3%BC");
    }

    @Test
    void a_page_that_leads_nowhere_or_to_itself_is_the_last() {
        pages(page("claude-a", true), page("claude-a", true), "{\"data\":[],\"has_more\":true,\"last_id\":null}");
        try (KimiClient claude = builder().build()) {
            CompletableFuture<List<ModelCard>> circle = claude.modelsAsync();
            service.answerAll();
            CompletableFuture<List<ModelCard>> nowhere = claude.modelsAsync();
            service.answerAll();

            assertThat(circle.join()).hasSize(2);
            assertThat(nowhere.join()).isEmpty();
        }
    }

    @Test
    void a_page_that_fails_fails_all() {
        pages(page("claude-a", true));
        replies.add(new ClientFixture.Reply(500, "{}"));
        try (KimiClient claude = builder().build()) {
            CompletableFuture<List<ModelCard>> models = claude.modelsAsync();
            service.answerAll();

            assertThatThrownBy(models::join).hasCauseInstanceOf(ServerException.class);
        }
    }

    @Test
    void cancelling_aborts_the_page_under_way_and_asks_for_no_other() {
        service.hold = true;
        pages(page("claude-a", true), page("claude-b", true));
        try (KimiClient claude = builder().build()) {
            CompletableFuture<List<ModelCard>> models = claude.modelsAsync();
            service.held.remove(0).run();
            assertThat(service.sent).hasSize(2);

            models.cancel(true);

            assertThat(service.aborted).isEqualTo(1);
            service.held.remove(0).run();
            assertThat(service.sent).hasSize(2);
            assertThat(claude.openCalls()).isEmpty();
        }
    }

    /** The response has arrived, and the next page is not asked for yet. */
    @Test
    void cancelled_between_two_pages_the_next_one_is_cancelled() {
        pages(page("claude-a", true), page("claude-b", false));
        CompletableFuture<?>[] models = new CompletableFuture<?>[1];
        boolean[] between = new boolean[1];
        try (KimiClient claude = builder()
                .listener(started -> {
                    if (between[0]) {
                        models[0].cancel(true);
                    }
                    between[0] = true;
                    return event -> {};
                })
                .build()) {
            models[0] = claude.modelsAsync();
            service.answerAll();

            assertThat(models[0]).isCancelled();
            assertThat(service.sent).hasSize(1 + service.aborted);
            assertThat(claude.openCalls()).isEmpty();
        }
    }

    @Test
    void all_pages_together_have_the_time_of_one_call() {
        service.untilHead = () -> Duration.ofSeconds(3);
        pages(page("claude-a", true), page("claude-b", true), page("claude-c", false));
        try (KimiClient claude = builder()
                .timeouts(Timeouts.builder().total(Duration.ofSeconds(7)).build())
                .build()) {
            CompletableFuture<List<ModelCard>> models = claude.modelsAsync();
            service.time.advance(Duration.ofSeconds(6));
            assertThat(models).isNotDone();
            service.time.advance(Duration.ofSeconds(1));

            assertThatThrownBy(models::join).hasCauseInstanceOf(DeadlineExceededException.class);
        }
    }

    @Test
    void closing_the_client_ends_the_list() {
        service.hold = true;
        pages(page("claude-a", true));
        KimiClient claude = builder().build();
        CompletableFuture<List<ModelCard>> models = claude.modelsAsync();
        service.held.remove(0).run();

        claude.close();

        assertThat(models).isCompletedExceptionally();
    }

    /** Its threads may all be waiting for lists. */
    @Test
    void whoever_waits_for_the_list_needs_no_thread_of_the_callback_executor() {
        Executor none = task -> {};
        pages(page("claude-a", true), page("claude-b", false));
        try (KimiClient claude = builder().callbackExecutor(none).build()) {
            CompletableFuture<List<ModelCard>> models = claude.modelsAsync();
            service.answerAll();

            assertThat(models.join()).hasSize(2);
        }
    }

    @Test
    void an_interrupt_cancels_the_blocking_form() {
        try (KimiClient claude = builder().build()) {
            Thread.currentThread().interrupt();

            assertThatThrownBy(claude::models).isInstanceOf(CallCancelledException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }
}
