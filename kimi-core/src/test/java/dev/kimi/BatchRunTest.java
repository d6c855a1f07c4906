package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatRequest;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchRunTest {

    private static List<ChatRequest> questions(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> ChatRequest.of("question " + i))
                .toList();
    }

    private static List<BatchResult> take(ClientFixture fixture, BatchRun run) {
        List<BatchResult> results = new ArrayList<>();
        Iterator<BatchResult> iterator = run.iterator();
        while (true) {
            fixture.answerAll();
            if (!iterator.hasNext()) {
                return results;
            }
            results.add(iterator.next());
        }
    }

    @Test
    void every_input_has_exactly_one_outcome() {
        ClientFixture fixture = new ClientFixture(body -> body.contains("question 7\"")
                ? new ClientFixture.Reply(400, "{\"error\":{\"type\":\"invalid_request_error\",\"message\":\"no\"}}")
                : ClientFixture.Reply.text("yes"));
        try (KimiClient client = fixture.builder().build();
                BatchRun run = client.batch(questions(100), BatchOptions.fixed(8))) {
            List<BatchResult> results = take(fixture, run);

            assertThat(results)
                    .extracting(BatchResult::index)
                    .doesNotHaveDuplicates()
                    .hasSize(100);
            assertThat(results)
                    .filteredOn(result -> !result.succeeded())
                    .singleElement()
                    .satisfies(result -> {
                        assertThat(result.index()).isEqualTo(7);
                        assertThat(result.failure()).isInstanceOf(InvalidRequestException.class);
                        assertThat(result.request().messages().get(0).text()).isEqualTo("question 7");
                    });
            assertThat(run.progress().succeeded()).isEqualTo(99);
            assertThat(run.progress().failed()).isEqualTo(1);
            assertThat(run.progress().inFlight()).isZero();
        }
    }

    @Test
    void whoever_iterates_needs_no_thread_of_the_callback_executor() {
        ClientFixture fixture = new ClientFixture(body -> ClientFixture.Reply.text("yes"));
        List<Runnable> neverRun = new ArrayList<>();
        try (KimiClient client =
                        fixture.builder().callbackExecutor(neverRun::add).build();
                BatchRun run = client.batch(questions(100), BatchOptions.fixed(8))) {
            assertThat(take(fixture, run)).extracting(BatchResult::index).hasSize(100);
            assertThat(neverRun).isNotEmpty();
        }
    }

    @Test
    void no_more_calls_are_in_flight_than_the_window_allows() {
        ClientFixture fixture = new ClientFixture(body -> ClientFixture.Reply.text("yes"));
        fixture.hold = true;
        try (KimiClient client = fixture.builder().build();
                BatchRun run = client.batch(questions(100), BatchOptions.fixed(8))) {
            assertThat(fixture.held).hasSize(8);
            assertThat(run.progress().inFlight()).isEqualTo(8);
            fixture.held.remove(0).run();
            assertThat(fixture.held).hasSize(8);
            assertThat(run.progress().started()).isEqualTo(9);
        }
    }

    @Test
    void results_that_nobody_takes_hold_the_run_back() {
        ClientFixture fixture = new ClientFixture(body -> ClientFixture.Reply.text("yes"));
        try (KimiClient client = fixture.builder().build();
                BatchRun run = client.batch(questions(1000), BatchOptions.fixed(8))) {
            fixture.answerAll();
            assertThat(run.progress().started()).isEqualTo(16);
            assertThat(take(fixture, run)).hasSize(1000);
        }
    }

    @Test
    void closing_ends_what_is_in_flight_and_tells_its_outcome() {
        ClientFixture fixture = new ClientFixture(body -> ClientFixture.Reply.text("yes"));
        fixture.hold = true;
        try (KimiClient client = fixture.builder().build()) {
            BatchRun run = client.batch(questions(100), BatchOptions.fixed(4));
            fixture.held.remove(0).run();

            run.close();
            run.close();

            List<BatchResult> results = new ArrayList<>();
            run.forEach(results::add);
            assertThat(results).hasSize(5);
            assertThat(results).filteredOn(BatchResult::succeeded).hasSize(1);
            assertThat(results)
                    .filteredOn(result -> !result.succeeded())
                    .extracting(BatchResult::failure)
                    .allMatch(failure -> failure instanceof CallCancelledException);
            assertThat(fixture.aborted).isEqualTo(4);
        }
    }

    @Test
    void an_input_that_fails_ends_the_run_after_the_outcomes_of_what_was_started() {
        ClientFixture fixture = new ClientFixture(body -> ClientFixture.Reply.text("yes"));
        List<ChatRequest> some = questions(3);
        Iterable<ChatRequest> broken = () -> new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public ChatRequest next() {
                if (next == some.size()) {
                    throw new NoSuchElementException("the file broke off");
                }
                return some.get(next++);
            }
        };
        try (KimiClient client = fixture.builder().build();
                BatchRun run = client.batch(broken, BatchOptions.fixed(8))) {
            fixture.answerAll();
            Iterator<BatchResult> results = run.iterator();
            for (int i = 0; i < 3; i++) {
                assertThat(results.next().succeeded()).isTrue();
            }
            assertThatThrownBy(results::hasNext)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("after 3 requests");
        }
    }

    @Test
    void an_empty_input_is_a_run_without_outcomes() {
        ClientFixture fixture = new ClientFixture(body -> ClientFixture.Reply.text("yes"));
        try (KimiClient client = fixture.builder().build();
                BatchRun run = client.batch(List.of())) {
            assertThat(run.iterator().hasNext()).isFalse();
        }
    }

    @Test
    void an_interrupted_consumer_closes_the_run_and_keeps_the_flag() throws InterruptedException {
        ClientFixture fixture = new ClientFixture(body -> ClientFixture.Reply.text("yes"));
        fixture.hold = true;
        try (KimiClient client = fixture.builder().build();
                BatchRun run = client.batch(questions(10), BatchOptions.fixed(4))) {
            List<Object> seen = new ArrayList<>();
            Thread consumer = new Thread(() -> {
                try {
                    run.iterator().hasNext();
                } catch (KimiException e) {
                    seen.add(e);
                    seen.add(Thread.currentThread().isInterrupted());
                }
            });
            consumer.start();
            consumer.interrupt();
            consumer.join();
            assertThat(seen).hasSize(2).last().isEqualTo(true);
            assertThat(fixture.aborted).isEqualTo(4);
        }
    }
}
