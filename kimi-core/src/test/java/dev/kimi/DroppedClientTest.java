package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClientBuilder.LeakDetection;
import dev.kimi.batch.BatchWindow;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.internal.leak.LeakLog;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client that the program dropped is closed, unless something of it is still under way. */
@Timeout(60)
class DroppedClientTest {

    private final ClientFixture service = new ClientFixture(body -> ClientFixture.Reply.text("yes"));
    private final LeakLog log = new LeakLog();

    @AfterEach
    void closeLog() {
        log.close();
    }

    private KimiClientBuilder named(String name) {
        return service.builder().name(name);
    }

    private void drop(KimiClientBuilder builder, Consumer<KimiClient> before) {
        before.accept(builder.build());
    }

    private List<LogRecord> warningsOf(String client) {
        return log.records().stream()
                .filter(entry -> entry.getMessage().contains("'" + client + "'"))
                .toList();
    }

    /** Until the cleaner has seen everything that is garbage now: this one becomes garbage after all that. */
    private void collectEverything() throws InterruptedException {
        int before = warningsOf("last").size();
        drop(named("last"), client -> {});
        LeakLog.collectUntil(() -> warningsOf("last").size() > before);
    }

    @Test
    void it_is_closed_counted_and_reported_with_the_place_where_it_was_made() throws InterruptedException {
        try (KimiClient another = named("another").build()) {
            long before = another.diagnostics().reclaimedClients();
            drop(named("dropped"), client -> {});

            LeakLog.collectUntil(() -> warningsOf("dropped").size() == 1);

            assertThat(another.diagnostics().reclaimedClients()).isGreaterThan(before);
        }
        LogRecord warning = warningsOf("dropped").get(0);
        assertThat(warning.getMessage())
                .contains("try (KimiClient client", "made at " + DroppedClientTest.class.getName() + ".drop(");
        assertThat(warning.getThrown().getStackTrace())
                .extracting(StackTraceElement::getMethodName)
                .contains("drop", "it_is_closed_counted_and_reported_with_the_place_where_it_was_made");
    }

    @Test
    void a_pending_future_keeps_it() throws InterruptedException {
        service.hold = true;
        CompletableFuture<ChatResponse> answer = named("pending").build().chatAsync(ChatRequest.of("hello"));

        collectEverything();

        assertThat(warningsOf("pending")).isEmpty();
        assertThat(service.aborted).isZero();
        service.held.forEach(Runnable::run);
        assertThat(answer.join().text()).isEqualTo("yes");
        LeakLog.collectUntil(() -> warningsOf("pending").size() == 1);
    }

    @Test
    void a_stream_that_is_open_keeps_it_and_one_that_is_dropped_does_not() throws InterruptedException {
        service.hold = true;
        ChatStream stream = named("streaming").build().stream(ChatRequest.of("hello"));
        collectEverything();
        assertThat(warningsOf("streaming")).isEmpty();
        stream.close();
        LeakLog.collectUntil(() -> warningsOf("streaming").size() == 1);

        drop(named("both"), client -> client.stream(ChatRequest.of("hello")));
        LeakLog.collectUntil(() -> warningsOf("both").size() == 2);
        assertThat(warningsOf("both"))
                .extracting(LogRecord::getMessage)
                .satisfiesExactly(
                        first -> assertThat(first).startsWith("A ChatStream"),
                        second -> assertThat(second).startsWith("The KimiClient"));
    }

    @Test
    void a_bulk_run_keeps_it_between_two_calls() throws InterruptedException {
        Iterator<BatchResult> results = named("bulk")
                .build()
                .batch(
                        List.of(ChatRequest.of("one"), ChatRequest.of("two"), ChatRequest.of("three")),
                        BatchOptions.window(BatchWindow.fixed(1)))
                .iterator();
        service.answerAll();

        collectEverything();

        assertThat(warningsOf("bulk")).isEmpty();
        assertThat(results.next().succeeded()).isTrue();
        service.answerAll();
        assertThat(results.next().succeeded()).isTrue();
        service.answerAll();
        assertThat(results.next().succeeded()).isTrue();
    }

    @Test
    void one_that_was_closed_is_not_mentioned() throws InterruptedException {
        drop(named("closed"), KimiClient::close);

        collectEverything();

        assertThat(warningsOf("closed")).isEmpty();
    }

    @Test
    void one_that_is_not_tracked_is_not_mentioned() throws InterruptedException {
        drop(named("untracked").leakDetection(LeakDetection.OFF), client -> {});

        collectEverything();

        assertThat(warningsOf("untracked")).isEmpty();
    }
}
