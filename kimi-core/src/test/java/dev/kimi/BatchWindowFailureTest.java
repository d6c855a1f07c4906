package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.batch.BatchWindow;
import dev.kimi.batch.CallSample;
import dev.kimi.chat.ChatRequest;
import dev.kimi.internal.util.LogRecorder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.logging.Level;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A window is a plug-in: what it throws and returns costs no item of the run. */
@Timeout(60)
class BatchWindowFailureTest {

    private final ClientFixture service = new ClientFixture(body -> ClientFixture.Reply.text("yes"));
    private final KimiClient client = service.builder().build();
    private final LogRecorder log = new LogRecorder("dev.kimi.plugins");

    @AfterEach
    void close() {
        client.close();
        log.close();
    }

    private static List<ChatRequest> questions(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> ChatRequest.of("question " + i))
                .toList();
    }

    private void assertEveryItemHasItsResponse(BatchRun run, int items) {
        List<Integer> done = new ArrayList<>();
        Iterator<BatchResult> results = run.iterator();
        for (service.answerAll(); results.hasNext(); service.answerAll()) {
            BatchResult result = results.next();
            assertThat(result.succeeded()).isTrue();
            done.add(result.index());
        }
        assertThat(done)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, items).boxed().toList());
    }

    private void assertReportedOnce() {
        assertThat(log.records()).singleElement().satisfies(entry -> {
            assertThat(entry.getLevel()).isEqualTo(Level.WARNING);
            assertThat(entry.getMessage()).contains("batch window", getClass().getName());
            assertThat(entry.getThrown()).hasMessage("a bug");
        });
    }

    @Test
    void a_window_that_always_throws_lets_one_call_after_another_through() {
        BatchWindow broken = seen -> {
            throw new IllegalStateException("a bug");
        };
        BatchRun run = client.batch(questions(50), BatchOptions.window(broken));
        assertThat(service.sent).hasSize(1);

        assertEveryItemHasItsResponse(run, 50);

        assertReportedOnce();
    }

    @Test
    void a_window_that_begins_to_throw_keeps_the_permits_that_it_gave_last() {
        service.hold = true;
        int[] asked = {0};
        BatchWindow breaking = seen -> {
            if (asked[0]++ > 0) {
                throw new IllegalStateException("a bug");
            }
            return 3;
        };
        BatchRun run = client.batch(questions(50), BatchOptions.window(breaking));
        assertThat(service.held).hasSize(3);
        assertThat(run.progress().window()).isEqualTo(3);
        service.hold = false;
        service.held.forEach(Runnable::run);

        assertEveryItemHasItsResponse(run, 50);

        assertReportedOnce();
    }

    @Test
    void a_window_that_recovers_is_obeyed_again() {
        service.hold = true;
        WatchedWindow shaky = new WatchedWindow(2) {
            @Override
            void onPermits() {
                if (asked.size() == 2) {
                    throw new IllegalStateException("a bug");
                }
            }
        };
        client.batch(questions(50), BatchOptions.window(shaky));
        shaky.permits = 5;

        service.time.advance(Duration.ofSeconds(1));

        assertThat(service.held).hasSize(5);
        assertReportedOnce();
    }

    @Test
    void a_window_whose_samples_and_ticks_fail_loses_nothing() {
        WatchedWindow broken = new WatchedWindow(4) {
            @Override
            void onSample(CallSample sample) {
                throw new IllegalStateException("a bug");
            }

            @Override
            void onTick() {
                throw new IllegalStateException("a bug");
            }
        };
        service.untilHead = () -> Duration.ofMillis(700);

        assertEveryItemHasItsResponse(client.batch(questions(50), BatchOptions.window(broken)), 50);

        assertThat(broken.samples).hasSize(50);
        assertThat(broken.ticks).hasSizeGreaterThan(5);
        assertReportedOnce();
    }

    /** A plug-in for another version of the library ends in one of these, on a thread that all calls share. */
    @Test
    void an_error_is_no_worse_than_an_exception() {
        BatchWindow outdated = seen -> {
            throw new NoSuchMethodError("a bug");
        };

        assertEveryItemHasItsResponse(client.batch(questions(10), BatchOptions.window(outdated)), 10);

        assertReportedOnce();
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 1, 1 << 30, Integer.MAX_VALUE})
    void any_number_of_permits_moves_the_run_on(int permits) {
        assertEveryItemHasItsResponse(client.batch(questions(20), BatchOptions.window(seen -> permits)), 20);

        assertThat(log.records()).isEmpty();
    }

    @Test
    void a_window_may_close_its_run() {
        BatchRun[] run = new BatchRun[1];
        WatchedWindow closing = new WatchedWindow(4) {
            @Override
            void onSample(CallSample sample) {
                run[0].close();
            }
        };
        run[0] = client.batch(questions(50), BatchOptions.window(closing));
        service.answerAll();

        assertThat(WatchedWindow.all(run[0])).hasSizeLessThan(50).anyMatch(BatchResult::succeeded);
        assertThat(closing.overlapped).isFalse();
        assertThat(service.time.pending()).isZero();
    }

    @Test
    void a_request_that_is_null_ends_the_input_with_a_sentence() {
        List<ChatRequest> input = new ArrayList<>(questions(2));
        input.addAll(Collections.singletonList(null));
        BatchRun run = client.batch(input, BatchOptions.fixed(8));
        service.answerAll();

        assertThatThrownBy(() ->
                        run.forEach(result -> assertThat(result.succeeded()).isTrue()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("after 2 requests")
                .hasRootCauseMessage("the input has a null request");
    }
}
