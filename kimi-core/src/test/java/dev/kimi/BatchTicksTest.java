package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.batch.CallSample;
import dev.kimi.chat.ChatRequest;
import dev.kimi.internal.leak.LeakLog;
import dev.kimi.retry.RetryDecision;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The window of a bulk run is called once a second while calls are in flight, and no longer. */
@Timeout(60)
class BatchTicksTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ClientFixture service = new ClientFixture(body -> body.contains("slow")
            ? new ClientFixture.Reply(200, ClientFixture.Reply.text("yes").body(), Duration.ofSeconds(10))
            : ClientFixture.Reply.text("yes"));
    private final WatchedWindow window = new WatchedWindow(4);
    private final KimiClient client = service.builder().build();

    @AfterEach
    void close() {
        client.close();
    }

    private static List<ChatRequest> questions(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> ChatRequest.of("question " + i))
                .toList();
    }

    private BatchRun run(List<ChatRequest> requests) {
        return client.batch(requests, BatchOptions.window(window));
    }

    private void assertNothingIsScheduled() {
        assertThat(service.time.pending()).isZero();
        int before = window.ticks.size();
        service.time.advance(Duration.ofMinutes(1));
        assertThat(window.ticks).hasSize(before);
    }

    @Test
    void it_ticks_once_a_second_while_calls_are_in_flight() {
        service.hold = true;
        run(questions(100));
        service.time.advance(Duration.ofMillis(999));
        assertThat(window.ticks).isEmpty();

        service.time.advance(Duration.ofMillis(4_001));

        assertThat(window.ticks)
                .extracting(tick -> Duration.ofNanos(tick.seen().nanoTime()).toMillis())
                .containsExactly(1_000L, 2_000L, 3_000L, 4_000L, 5_000L);
        assertThat(window.ticks)
                .allSatisfy(tick -> assertThat(tick.seen().inFlight()).isEqualTo(4));
    }

    @Test
    void a_tick_shows_the_calls_in_flight_as_they_are() {
        service.untilHead = () -> Duration.ofMillis(service.sent.size() == 1 ? 600 : 60_000);
        run(List.of(ChatRequest.of("slow 0"), ChatRequest.of("slow 1")));
        service.time.advance(SECOND);

        List<CallSample> inFlight = window.ticks.get(0).inFlight();
        assertThat(inFlight).extracting(CallSample::index).containsExactly(0, 1);
        assertThat(inFlight).allSatisfy(call -> {
            assertThat(call.attempt()).isEqualTo(1);
            assertThat(call.sentNanos()).hasValue(0);
            assertThat(call.endedNanos()).isEmpty();
            assertThat(call.outputTokens()).isEqualTo(-1);
            assertThat(call.inFlight()).isEqualTo(2);
        });
        assertThat(inFlight.get(0).firstEventNanos())
                .hasValue(Duration.ofMillis(600).toNanos());
        assertThat(inFlight.get(1).firstEventNanos()).isEmpty();
        assertThatThrownBy(inFlight::clear).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void a_call_that_waits_for_its_retry_is_in_flight_but_not_sent() {
        ClientFixture overloaded = new ClientFixture(body -> new ClientFixture.Reply(503, "{}"));
        try (KimiClient retrying = overloaded
                .builder()
                .retryPolicy(attempt -> RetryDecision.after(Duration.ofSeconds(30)))
                .build()) {
            retrying.batch(questions(1), BatchOptions.window(window));
            overloaded.time.advance(SECOND);

            CallSample waiting = window.ticks.get(0).inFlight().get(0);
            assertThat(waiting.attempt()).isEqualTo(1);
            assertThat(waiting.sentNanos()).isEmpty();
        }
    }

    @Test
    void what_a_tick_permits_starts_at_once() {
        service.hold = true;
        WatchedWindow growing = new WatchedWindow(1) {
            @Override
            void onTick() {
                permits++;
            }
        };
        client.batch(questions(100), BatchOptions.window(growing));
        service.time.advance(Duration.ofSeconds(3));

        assertThat(service.sent).hasSize(4);
    }

    @Test
    void ticks_pause_while_nothing_is_in_flight_and_go_on_afterwards() {
        BatchRun run = run(questions(100));
        service.time.advance(SECOND);
        assertThat(run.progress().inFlight()).isZero();
        assertThat(service.time.pending()).isZero();
        int before = window.ticks.size();

        service.hold = true;
        run.iterator().next();
        service.time.advance(SECOND);

        assertThat(window.ticks).hasSize(before + 1);
        run.close();
        assertNothingIsScheduled();
    }

    @Test
    void calls_shorter_than_a_second_one_at_a_time_do_not_keep_the_tick_away() {
        window.permits = 1;
        service.untilHead = () -> Duration.ofMillis(250);
        BatchRun run = run(questions(40));
        Iterator<BatchResult> results = run.iterator();
        for (int i = 0; i < 40; i++) {
            service.time.advance(Duration.ofMillis(250));
            assertThat(results.next().succeeded()).isTrue();
        }
        assertThat(window.ticks).hasSizeBetween(9, 10);
        assertThat(results.hasNext()).isFalse();
        assertNothingIsScheduled();
    }

    @Test
    void a_run_that_ended_leaves_no_timer() {
        BatchRun run = run(questions(3));
        service.time.advance(Duration.ofMillis(1));

        assertThat(WatchedWindow.all(run)).hasSize(3);

        assertNothingIsScheduled();
    }

    @Test
    void a_run_that_was_closed_leaves_no_timer() {
        service.hold = true;
        BatchRun run = run(questions(100));
        service.time.advance(SECOND);

        run.close();

        assertNothingIsScheduled();
    }

    @Test
    void a_run_whose_client_was_closed_leaves_no_timer() {
        service.hold = true;
        BatchRun run = run(questions(6));
        service.time.advance(SECOND);

        client.close();

        assertThat(WatchedWindow.all(run)).hasSize(6).noneMatch(BatchResult::succeeded);
        assertNothingIsScheduled();
    }

    @Test
    void a_run_whose_input_failed_leaves_no_timer() {
        Iterable<ChatRequest> broken = () -> Stream.of(1, 0)
                .map(divisor -> ChatRequest.of("question " + 1 / divisor))
                .iterator();
        BatchRun run = client.batch(broken, BatchOptions.window(window));
        service.time.advance(Duration.ofMillis(1));

        assertThatThrownBy(() ->
                        run.forEach(result -> assertThat(result.succeeded()).isTrue()))
                .isInstanceOf(IllegalStateException.class);

        assertNothingIsScheduled();
    }

    @Test
    void a_run_that_the_program_dropped_is_not_held_by_its_timer() throws InterruptedException {
        WeakReference<BatchRun> dropped = new WeakReference<>(run(questions(100)));
        service.time.advance(Duration.ofSeconds(2));

        assertNothingIsScheduled();
        LeakLog.collectUntil(() -> dropped.get() == null);
    }

    @Test
    void ticks_that_nobody_runs_do_not_pile_up() {
        List<Runnable> stuck = new ArrayList<>();
        service.hold = true;
        try (KimiClient waiting = service.builder().callbackExecutor(stuck::add).build()) {
            waiting.batch(questions(100), BatchOptions.window(window));
            service.time.advance(Duration.ofSeconds(20));
            assertThat(window.ticks).isEmpty();
            assertThat(stuck).hasSize(1);

            stuck.remove(0).run();

            assertThat(window.ticks).hasSize(1);
            service.time.advance(SECOND);
            assertThat(stuck).hasSize(1);
        }
    }
}
