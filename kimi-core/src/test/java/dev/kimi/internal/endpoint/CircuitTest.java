package dev.kimi.internal.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.KimiException.Details;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.time.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CircuitTest {

    private static final Duration FIRST_PAUSE = Duration.ofNanos(Circuit.FIRST_PAUSE_NANOS);
    private static final Duration PAUSE = Duration.ofNanos(Circuit.PAUSE_NANOS);
    private static final Duration STEP = Duration.ofNanos(Circuit.STEP_NANOS);
    private static final Duration NANO = Duration.ofNanos(1);
    private static final Duration LEAST_SILENCE = Duration.ofNanos(HeadWatch.LEAST_NANOS);
    /** Moments of those that wait are kept to a millisecond. */
    private static final Duration GRAIN = Duration.ofMillis(2);

    private static final int THREADS = 4;

    /** In the middle, so that pauses are what they usually are. */
    private static final RandomGenerator MIDDLE = () -> Long.MIN_VALUE;

    private final VirtualTime time = new VirtualTime();
    private final List<String> events = new ArrayList<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private final Circuit circuit = new Circuit(time, MIDDLE, new Circuit.Watcher() {
        @Override
        public void opened(KimiException cause, Duration pause) {
            assertThat(Thread.holdsLock(circuit())).isFalse();
            events.add("opened for " + pause.toMillis());
        }

        @Override
        public void fellSilent(Duration silence, int waiting, Duration pause) {
            assertThat(Thread.holdsLock(circuit())).isFalse();
            events.add("silent, opened for " + pause.toMillis());
        }

        @Override
        public void closed() {
            assertThat(Thread.holdsLock(circuit())).isFalse();
            events.add("closed");
        }
    });

    private Circuit circuit() {
        return circuit;
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private static KimiException serverError() {
        return new ServerException("500", Details.builder().status(500).build(), null);
    }

    private static KimiException limited(Duration wait) {
        return new RateLimitException(
                "429", Details.builder().retry(wait, null).build(), RateLimitException.Limit.UNKNOWN, null);
    }

    private Pass letIn() {
        return Objects.requireNonNull(circuit.enter(), "let in");
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            letIn().failed(false, serverError());
        }
    }

    private Pass probe() {
        fail(Circuit.ROW);
        time.advance(FIRST_PAUSE);
        return letIn();
    }

    @Test
    void failures_in_a_row_open_it_and_one_less_does_not() {
        fail(Circuit.ROW - 1);
        assertThat(circuit.isClosed()).isTrue();

        fail(1);

        assertThat(circuit.isClosed()).isFalse();
        assertThat(circuit.enter()).isNull();
        assertThat(events).containsExactly("opened for 1000");
    }

    @Test
    void a_success_between_them_begins_the_row_anew() {
        fail(Circuit.ROW - 1);
        letIn().succeeded(false);
        fail(Circuit.ROW - 1);

        assertThat(circuit.isClosed()).isTrue();
    }

    private static KimiException cutOff() {
        return new TruncatedStreamException("cut", Details.NONE, TruncatedStreamException.Partial.NOTHING, null);
    }

    private void cut(int times) {
        for (int i = 0; i < times; i++) {
            letIn().cut(cutOff());
        }
    }

    @Test
    void streams_that_are_cut_open_it_while_other_calls_succeed() {
        for (int i = 0; i < Circuit.ROW; i++) {
            letIn().succeeded(false);
            letIn().cut(cutOff());
        }

        assertThat(circuit.isClosed()).isFalse();
    }

    @Test
    void streams_that_succeed_do_not_end_the_row_of_other_calls_and_end_their_own() {
        cut(Circuit.ROW - 1);
        fail(Circuit.ROW - 1);
        letIn().succeeded(true);
        cut(Circuit.ROW - 1);
        assertThat(circuit.isClosed()).isTrue();

        fail(1);
        assertThat(circuit.isClosed()).isFalse();
    }

    @Test
    void what_streams_that_were_cut_have_opened_only_a_whole_response_closes() {
        cut(Circuit.ROW - 1);
        letIn().failed(true, serverError());
        time.advance(FIRST_PAUSE);
        Pass probe = letIn();

        probe.begun();
        assertThat(events).doesNotContain("closed");
        probe.cut(cutOff());
        time.advance(PAUSE);
        Pass another = letIn();
        another.begun();
        another.succeeded(true);

        assertThat(events).containsExactly("opened for 1000", "closed");
    }

    @Test
    void cuts_before_the_last_stream_that_succeeded_do_not_count() {
        cut(Circuit.ROW - 1);
        letIn().succeeded(true);
        for (int i = 0; i < Circuit.ROW; i++) {
            letIn().failed(true, serverError());
        }
        time.advance(FIRST_PAUSE);

        letIn().begun();

        assertThat(events).containsExactly("opened for 1000", "closed");
    }

    static Stream<KimiException> ofTheService() {
        return Stream.of(
                serverError(),
                new TransportException("refused", Details.NONE, true, null),
                new TransportException("reset", Details.NONE, false, null),
                new DeadlineExceededException("silent", Details.NONE, Phase.HEADERS, null),
                new DeadlineExceededException("silent", Details.NONE, Phase.QUIET, null),
                new TruncatedStreamException("cut", Details.NONE, TruncatedStreamException.Partial.NOTHING, null));
    }

    @ParameterizedTest
    @MethodSource("ofTheService")
    void what_the_service_fails_by_opens_it(KimiException failure) {
        for (int i = 0; i < Circuit.ROW; i++) {
            letIn().failed(false, failure);
        }

        assertThat(circuit.isClosed()).isFalse();
    }

    static Stream<KimiException> ofTheCall() {
        return Stream.of(
                new InvalidRequestException("400", Details.NONE, null, null),
                new RejectedException("full", Details.NONE, RejectedException.Reason.QUEUE_FULL, null),
                new DeadlineExceededException("late", Details.NONE, Phase.POOL_WAIT, null),
                limited(Duration.ofSeconds(59)));
    }

    @ParameterizedTest
    @MethodSource("ofTheCall")
    void what_the_call_or_the_client_fails_by_does_not_open_it(KimiException failure) {
        for (int i = 0; i < 2 * Circuit.ROW; i++) {
            letIn().failed(false, failure);
        }

        assertThat(circuit.isClosed()).isTrue();
    }

    @Test
    void a_rejected_request_is_a_response_and_ends_the_row_while_a_full_queue_is_none() {
        fail(Circuit.ROW - 1);
        letIn().failed(false, new RejectedException("full", Details.NONE, RejectedException.Reason.QUEUE_FULL, null));
        letIn().failed(false, new InvalidRequestException("400", Details.NONE, null, null));
        fail(Circuit.ROW - 1);
        assertThat(circuit.isClosed()).isTrue();

        letIn().failed(false, new RejectedException("full", Details.NONE, RejectedException.Reason.QUEUE_FULL, null));
        fail(1);
        assertThat(circuit.isClosed()).isFalse();
    }

    @Test
    void one_failure_that_says_it_for_all_opens_it() {
        letIn().failed(false, new AuthenticationException("401", Details.NONE, null));

        assertThat(circuit.isClosed()).isFalse();
    }

    @Test
    void a_wait_that_the_service_asks_for_is_waited_for_as_long_as_gates_close() {
        letIn().failed(false, limited(Duration.ofHours(1)));

        time.advance(Duration.ofSeconds(60).minus(NANO));
        assertThat(circuit.enter()).isNull();
        time.advance(NANO);
        letIn();
        assertThat(events).containsExactly("opened for 60000");
    }

    @Test
    void after_the_pause_one_probe_is_let_in() {
        fail(Circuit.ROW);
        time.advance(FIRST_PAUSE.minus(NANO));
        assertThat(circuit.enter()).isNull();

        time.advance(NANO);

        assertThat(circuit.enter()).isNotNull();
        assertThat(circuit.enter()).isNull();
    }

    @Test
    void of_threads_that_come_at_once_one_is_the_probe() throws Exception {
        for (int round = 0; round < 200; round++) {
            Circuit fresh = new Circuit(time, MIDDLE, Ignoring.WATCHER);
            Objects.requireNonNull(fresh.enter()).failed(false, new AuthenticationException("401", Details.NONE, null));
            time.advance(FIRST_PAUSE);

            assertThat(atOnce(fresh::enter)).filteredOn(Objects::nonNull).hasSize(1);
        }
    }

    @Test
    void failures_of_threads_at_once_open_it_once() throws Exception {
        for (int round = 0; round < 200; round++) {
            events.clear();
            Circuit fresh = new Circuit(time, MIDDLE, new Circuit.Watcher() {
                @Override
                public void opened(KimiException cause, Duration pause) {
                    synchronized (events) {
                        events.add("opened");
                    }
                }

                @Override
                public void fellSilent(Duration silence, int waiting, Duration pause) {}

                @Override
                public void closed() {}
            });
            Pass pass = Objects.requireNonNull(fresh.enter());
            pass.failed(false, serverError());
            pass.failed(false, serverError());

            atOnce(() -> {
                pass.failed(false, serverError());
                return null;
            });

            assertThat(events).containsExactly("opened");
        }
    }

    private List<@Nullable Pass> atOnce(Callable<@Nullable Pass> task) throws Exception {
        CyclicBarrier together = new CyclicBarrier(THREADS);
        List<Future<@Nullable Pass>> all = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            all.add(threads.submit(() -> {
                together.await();
                return task.call();
            }));
        }
        List<@Nullable Pass> got = new ArrayList<>();
        for (Future<@Nullable Pass> one : all) {
            got.add(one.get());
        }
        return got;
    }

    @Test
    void a_probe_that_fails_is_followed_by_another_after_a_pause() {
        probe().failed(false, serverError());
        time.advance(PAUSE.minus(NANO));
        assertThat(circuit.enter()).isNull();

        time.advance(NANO);
        assertThat(circuit.enter()).isNotNull();
        assertThat(events).as("it was open all the time").hasSize(1);
    }

    @Test
    void a_probe_that_takes_long_to_fail_is_followed_by_another_at_once() {
        Pass slow = probe();
        time.advance(PAUSE);
        slow.failed(false, serverError());

        letIn().failed(false, new AuthenticationException("401", Details.NONE, null));
        time.advance(PAUSE.minus(NANO));
        assertThat(circuit.enter()).as("that holds from now on").isNull();
    }

    @Test
    void a_probe_that_ends_without_an_outcome_leaves_its_place_to_the_next_call() {
        Pass cancelled = probe();
        assertThat(circuit.enter()).isNull();

        cancelled.left();

        assertThat(circuit.enter()).isNotNull();
        assertThat(circuit.enter()).isNull();
    }

    @Test
    void a_probe_that_hangs_is_followed_by_one_every_two_seconds_and_may_still_succeed() {
        Pass hanging = probe();
        time.advance(PAUSE);
        assertThat(circuit.enter()).isNotNull();
        assertThat(circuit.enter()).isNull();

        hanging.left();
        assertThat(circuit.enter()).as("its place is taken").isNull();
        hanging.begun();

        assertThat(events).contains("closed");
    }

    @Test
    void a_probe_that_succeeds_lets_calls_in_by_doubling_numbers() {
        probe().begun();

        for (int size = 2; size < Circuit.EVERYBODY; size *= 2) {
            for (int i = 0; i < size; i++) {
                assertThat(circuit.enter()).isNotNull();
            }
            assertThat(circuit.enter()).as("beyond %d", size).isNull();
            assertThat(circuit.isClosed()).isFalse();
            time.advance(STEP);
        }
        for (int i = 0; i <= Circuit.EVERYBODY; i++) {
            assertThat(circuit.enter()).isNotNull();
        }
        assertThat(circuit.isClosed()).isTrue();
        assertThat(events).containsExactly("opened for 1000", "closed");
    }

    @Test
    void it_is_closed_two_seconds_after_the_probe_though_few_calls_come() {
        probe().begun();

        time.advance(Duration.ofSeconds(2));
        letIn();

        assertThat(circuit.isClosed()).isTrue();
    }

    @Test
    void it_is_closed_two_seconds_after_the_probe_though_no_call_comes() {
        probe().begun();

        time.advance(STEP.multipliedBy(7).minus(NANO));
        assertThat(circuit.isClosed()).isFalse();
        assertThat(circuit.state()).isEqualTo(Circuit.State.HALF_OPEN);
        time.advance(NANO);

        assertThat(circuit.isClosed()).isTrue();
        assertThat(circuit.state()).isEqualTo(Circuit.State.CLOSED);
    }

    @Test
    void what_fails_while_it_closes_opens_it_again() {
        probe().begun();
        time.advance(STEP.multipliedBy(2));

        fail(Circuit.ROW);

        assertThat(circuit.enter()).isNull();
        assertThat(events).containsExactly("opened for 1000", "closed", "opened for 1000");
    }

    @Test
    void what_was_let_in_before_it_opened_neither_closes_nor_opens_it_later() {
        Pass before = letIn();
        fail(Circuit.ROW);

        before.succeeded(false);
        assertThat(circuit.isClosed()).isFalse();

        time.advance(FIRST_PAUSE);
        letIn().begun();
        time.advance(Duration.ofSeconds(2));
        letIn();
        for (int i = 0; i < Circuit.ROW; i++) {
            before.failed(false, serverError());
        }
        assertThat(circuit.isClosed()).isTrue();
    }

    @Test
    void a_probe_of_an_earlier_outage_does_not_end_this_one() {
        Pass late = probe();
        time.advance(PAUSE);
        letIn().begun();
        time.advance(Duration.ofSeconds(2));
        fail(Circuit.ROW);

        late.begun();

        assertThat(circuit.isClosed()).isFalse();
        assertThat(circuit.enter()).isNull();
    }

    @Test
    void a_call_that_comes_anyway_may_close_it_and_keeps_no_probe_away() {
        fail(Circuit.ROW);
        Pass anyway = circuit.enterAnyway();
        time.advance(FIRST_PAUSE);
        Pass probe = letIn();

        anyway.failed(false, serverError());
        probe.failed(false, serverError());
        assertThat(circuit.enter()).isNull();
        anyway.begun();

        assertThat(events).contains("closed");
    }

    /** Gives heads after so long, from which the circuit learns what is usual. */
    private void heads(Duration after) {
        for (int i = 0; i < 10; i++) {
            begins(letIn(), after);
        }
    }

    private void begins(Pass pass, Duration after) {
        pass.headCame(false);
        pass.streamBegins(ago(after));
    }

    private long ago(Duration waited) {
        return time.nanoTime() - waited.toNanos();
    }

    private List<Pass> waiting(int streams) {
        List<Pass> all = new ArrayList<>();
        for (int i = 0; i < streams; i++) {
            Pass pass = letIn();
            pass.awaitsHead();
            all.add(pass);
        }
        return all;
    }

    @Test
    void it_opens_when_enough_streams_wait_and_no_head_comes() {
        heads(Duration.ofMillis(50));
        List<Pass> waiting = waiting(HeadWatch.ENOUGH);
        time.advance(LEAST_SILENCE);
        assertThat(circuit.enter()).isNotNull();
        assertThat(waiting.get(0).isInVain(ago(LEAST_SILENCE))).isFalse();

        time.advance(GRAIN);

        assertThat(waiting).allMatch(pass -> pass.isInVain(time.nanoTime()));
        assertThat(circuit.enter()).isNull();
        assertThat(circuit.isClosed()).isFalse();
        assertThat(events).containsExactly("silent, opened for 1000");
    }

    @Test
    void a_call_that_enters_finds_the_silence_too() {
        heads(Duration.ofMillis(50));
        waiting(HeadWatch.ENOUGH);
        time.advance(LEAST_SILENCE.plus(GRAIN));

        assertThat(circuit.enter()).isNull();

        assertThat(events).containsExactly("silent, opened for 1000");
    }

    @Test
    void a_stream_of_a_call_that_tries_again_after_the_silence_is_not_in_vain() {
        heads(Duration.ofMillis(50));
        List<Pass> waiting = waiting(HeadWatch.ENOUGH);
        time.advance(LEAST_SILENCE.plus(GRAIN));
        assertThat(circuit.enter()).isNull();
        time.advance(FIRST_PAUSE);
        letIn().begun();
        time.advance(Duration.ofSeconds(2));

        assertThat(waiting).noneMatch(pass -> pass.isInVain(ago(Duration.ofSeconds(2))));
        assertThat(waiting).allMatch(pass -> pass.isInVain(ago(Duration.ofSeconds(4))));
    }

    @Test
    void an_idle_service_and_few_slow_streams_are_no_silence() {
        heads(Duration.ofMillis(50));
        time.advance(Duration.ofHours(1));
        List<Pass> slow = waiting(HeadWatch.ENOUGH - 1);
        time.advance(Duration.ofMinutes(1));

        letIn();
        assertThat(slow).noneMatch(pass -> pass.isInVain(ago(Duration.ofMinutes(1))));

        waiting(1);
        letIn();
        assertThat(circuit.isClosed()).as("as soon as there is one more").isTrue();
    }

    @Test
    void a_service_whose_heads_come_late_is_slow_and_not_silent() {
        heads(Duration.ofSeconds(3));
        waiting(HeadWatch.ENOUGH);
        time.advance(Duration.ofSeconds(11));

        assertThat(circuit.isClosed()).isTrue();
        time.advance(Duration.ofSeconds(2));
        assertThat(circuit.isClosed()).isFalse();
    }

    @Test
    void where_many_wait_heads_should_come_one_after_another() {
        heads(Duration.ofSeconds(3));
        waiting(100);
        time.advance(Duration.ofSeconds(5));

        assertThat(circuit.isClosed()).isTrue();
        time.advance(Duration.ofSeconds(2));
        assertThat(circuit.isClosed()).isFalse();
    }

    @Test
    void one_head_among_many_that_wait_ends_the_silence() {
        heads(Duration.ofMillis(50));
        List<Pass> waiting = waiting(100);
        for (int i = 0; i < 50; i++) {
            time.advance(LEAST_SILENCE);
            waiting.get(i).headCame(true);
            assertThat(circuit.isClosed()).isTrue();
        }
    }

    @Test
    void streams_that_end_without_a_head_wait_no_longer() {
        heads(Duration.ofMillis(50));
        waiting(HeadWatch.ENOUGH).forEach(Pass::awaitsNoMore);
        waiting(HeadWatch.ENOUGH - 1);
        time.advance(Duration.ofMinutes(1));

        assertThat(circuit.isClosed()).isTrue();
    }

    @Test
    void where_no_head_has_ever_come_silence_is_longer() {
        waiting(HeadWatch.ENOUGH);
        time.advance(Duration.ofNanos(HeadWatch.UNKNOWN_NANOS));
        assertThat(circuit.isClosed()).isTrue();

        time.advance(GRAIN);
        assertThat(circuit.isClosed()).isFalse();
    }

    @Test
    void threads_that_find_the_silence_at_once_open_it_once() throws Exception {
        for (int round = 0; round < 200; round++) {
            List<String> found = Collections.synchronizedList(new ArrayList<>());
            Circuit fresh = new Circuit(time, MIDDLE, new Circuit.Watcher() {
                @Override
                public void opened(KimiException cause, Duration pause) {}

                @Override
                public void fellSilent(Duration silence, int waiting, Duration pause) {
                    found.add("silent");
                }

                @Override
                public void closed() {}
            });
            Pass pass = Objects.requireNonNull(fresh.enter());
            for (int i = 0; i < HeadWatch.ENOUGH; i++) {
                pass.awaitsHead();
            }
            time.advance(Duration.ofMinutes(1));

            assertThat(atOnce(() -> pass.isInVain(time.nanoTime()) ? fresh.enter() : pass))
                    .containsOnlyNulls();

            assertThat(found).hasSize(1);
        }
    }

    @Test
    void a_stream_leaves_a_circuit_that_failures_opened_when_it_has_waited_for_long_itself() {
        heads(Duration.ofMillis(50));
        Pass waits = letIn();
        fail(Circuit.ROW);

        assertThat(waits.isInVain(ago(LEAST_SILENCE))).isFalse();
        assertThat(waits.isInVain(ago(LEAST_SILENCE.plus(NANO)))).isTrue();
    }

    @Test
    void a_probe_is_in_vain_after_two_seconds_or_twice_what_is_usual() {
        heads(Duration.ofMillis(50));
        Pass probe = probe();
        assertThat(probe.isInVain(ago(PAUSE.minus(NANO)))).isFalse();
        assertThat(probe.isInVain(ago(PAUSE))).isTrue();

        probe.begun();
        assertThat(probe.isInVain(ago(PAUSE))).as("closed").isFalse();
        time.advance(Duration.ofSeconds(2));
        heads(Duration.ofSeconds(3));
        Pass slow = probe();
        assertThat(slow.isInVain(ago(Duration.ofSeconds(6).minus(NANO)))).isFalse();
        assertThat(slow.isInVain(ago(Duration.ofSeconds(6)))).isTrue();
    }

    @Test
    void where_nobody_knows_what_is_usual_each_probe_waits_twice_as_long_and_a_head_says_it() {
        Pass first = probe();
        assertThat(first.isInVain(ago(PAUSE))).isTrue();
        first.left();
        Pass second = letIn();
        assertThat(second.isInVain(ago(PAUSE))).isFalse();
        assertThat(second.isInVain(ago(PAUSE.multipliedBy(2)))).isTrue();

        second.streamBegins(ago(Duration.ofSeconds(3)));
        second.left();
        assertThat(letIn().isInVain(ago(Duration.ofSeconds(6).minus(NANO)))).isFalse();
    }

    @Test
    void who_came_anyway_has_nowhere_else_to_wait() {
        fail(Circuit.ROW);

        assertThat(circuit.enterAnyway().isInVain(ago(Duration.ofHours(1)))).isFalse();
    }

    @Test
    void heads_and_streams_of_before_say_nothing_of_a_circuit_that_has_opened_and_closed_since() {
        heads(Duration.ofMillis(50));
        List<Pass> before = waiting(HeadWatch.ENOUGH);
        time.advance(LEAST_SILENCE.plus(GRAIN));
        assertThat(circuit.isClosed()).isFalse();
        time.advance(FIRST_PAUSE);
        letIn().begun();
        time.advance(Duration.ofSeconds(2));
        letIn();

        before.get(0).headCame(true);
        before.get(0).streamBegins(ago(Duration.ofMinutes(1)));
        time.advance(Duration.ofMinutes(1));
        assertThat(circuit.isClosed()).as("they wait no more").isTrue();

        waiting(HeadWatch.ENOUGH);
        time.advance(LEAST_SILENCE.plus(GRAIN));
        assertThat(circuit.isClosed()).as("the usual time is what it was").isFalse();
    }

    @Test
    void it_opens_by_silence_while_it_closes() {
        heads(Duration.ofMillis(50));
        probe().begun();
        time.advance(STEP.multipliedBy(2));
        waiting(HeadWatch.ENOUGH);
        time.advance(LEAST_SILENCE.plus(GRAIN));

        assertThat(circuit.enter()).isNull();
        assertThat(events).containsExactly("opened for 1000", "closed", "silent, opened for 1000");
    }

    /** Looks at nothing. */
    private static final class Ignoring implements Circuit.Watcher {
        static final Circuit.Watcher WATCHER = new Ignoring();

        @Override
        public void opened(KimiException cause, Duration pause) {}

        @Override
        public void fellSilent(Duration silence, int waiting, Duration pause) {}

        @Override
        public void closed() {}
    }
}
