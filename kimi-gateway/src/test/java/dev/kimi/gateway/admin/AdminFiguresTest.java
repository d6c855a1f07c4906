package dev.kimi.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.gateway.admin.FigureSlot.Figure;
import dev.kimi.gateway.call.GatewayCall.Outcome;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.time.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is counted, and what is forgotten. */
@Timeout(60)
class AdminFiguresTest {

    private final VirtualTime time = new VirtualTime();
    private final AdminFigures figures = new AdminFigures(time);
    private final AdminOverview overview = new AdminOverview(figures, List::of);

    @Test
    void calls_and_streams_are_counted_while_they_go_on() {
        SeenCall stream = call("one");
        SeenCall whole = call("two");
        whole.streamed = false;
        assertThat(overview.read(1).calls()).isEqualTo(2);
        assertThat(overview.read(1).streams()).isZero();

        time.advance(Duration.ofMillis(300));
        stream.firstByte(figures, "kimi");
        whole.firstByte(figures, "kimi");
        AdminView.Overview during = overview.read(1);
        assertThat(during.streams()).isEqualTo(1);
        assertThat(during.firstEventP50()).isBetween(270L, 330L);
        assertThat(during.oldest())
                .extracting(
                        AdminView.Call::id,
                        AdminView.Call::phase,
                        call -> call.times().ageMillis())
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("one", "streaming", 300L),
                        org.assertj.core.groups.Tuple.tuple("two", "sending", 300L));

        stream.end(figures, Outcome.OK, 10);
        whole.end(figures, Outcome.OK, 10);
        AdminView.Overview after = overview.read(1);
        assertThat(after.calls()).isZero();
        assertThat(after.streams()).isZero();
        assertThat(after.oldest()).isEmpty();
        assertThat(after.series().requests()).containsExactly(2);
    }

    @Test
    void tokens_are_distributed_over_the_time_in_which_they_were_written() {
        SeenCall call = call("long");
        time.advance(Duration.ofSeconds(2));
        call.firstByte(figures, "kimi");
        time.advance(Duration.ofSeconds(20));
        call.end(figures, Outcome.OK, 1000);

        assertThat(overview.read(10).series().tokens().written()).containsExactly(150, 250, 250, 250, 100);
        assertThat(overview.read(10).series().tokens().reported()).containsExactly(0, 0, 0, 0, 1000);
    }

    @Test
    void streams_that_stay_open_are_shown_in_intervals_in_which_nothing_happens() {
        SeenCall call = call("long");
        call.firstByte(figures, "kimi");
        time.advance(Duration.ofSeconds(12));
        assertThat(overview.read(10).series().streams()).containsExactly(1, 1, 1);
        assertThat(overview.read(1).series().streams()).containsExactly(1);

        call.end(figures, Outcome.CANCELLED, 0);
        time.advance(Duration.ofSeconds(5));
        assertThat(overview.read(10).series().streams()).containsExactly(1, 1, 1, 0);
    }

    @Test
    void too_many_requests_are_counted_by_who_had_enough() {
        limited(Outcome.REJECTED, 429, GatewayError.Kind.RATE_LIMIT);
        limited(Outcome.REJECTED, 429, GatewayError.Kind.BUDGET);
        limited(Outcome.REJECTED, 402, GatewayError.Kind.BUDGET);
        limited(Outcome.FAILED, 429, null);
        limited(Outcome.FAILED, 529, GatewayError.Kind.RATE_LIMIT);
        limited(Outcome.REJECTED, 401, GatewayError.Kind.AUTHENTICATION);

        AdminView.Series series = overview.read(1).series();
        assertThat(series.limited().byKey()).containsExactly(1);
        assertThat(series.limited().byBudget()).containsExactly(2);
        assertThat(series.limited().byService()).containsExactly(2);
    }

    @Test
    void an_hour_is_remembered_and_no_more() {
        for (int i = 0; i < 2000; i++) {
            SeenCall call = call("call " + i);
            call.firstByte(figures, "endpoint " + i);
            call.end(figures, Outcome.OK, 1);
            time.advance(FigureRing.INTERVAL);
        }

        AdminView.Overview read = overview.read(Integer.MAX_VALUE);
        assertThat(read.series().requests()).hasSize(720);
        assertThat(read.series().first()).isEqualTo(2000 - 719);
        assertThat(LongStream.of(read.series().requests()).sum()).isEqualTo(719);
        assertThat(figures.endpoints()).hasSizeLessThanOrEqualTo(64);
    }

    @Test
    void what_is_older_than_an_hour_does_not_disturb_what_is_counted_now() {
        SeenCall forgotten = call("for hours");
        forgotten.firstByte(figures, "kimi");
        time.advance(Duration.ofHours(3));
        call("new");

        forgotten.end(figures, Outcome.OK, 10_800);

        AdminView.Series series = overview.read(Integer.MAX_VALUE).series();
        assertThat(LongStream.of(series.tokens().written()).skip(1).limit(700)).containsOnly(5L);
        assertThat(series.requests()[719]).isEqualTo(1);
    }

    @Test
    void a_list_of_calls_holds_the_oldest_first() {
        for (int i = 0; i < 150; i++) {
            call("call " + i);
            time.advance(Duration.ofMillis(1));
        }

        AdminView.Overview read = overview.read(1);
        assertThat(read.calls()).isEqualTo(150);
        assertThat(read.oldest()).extracting(AdminView.Call::id).hasSize(100).startsWith("call 0", "call 1");
    }

    @Test
    void an_end_without_a_first_byte_leaves_the_number_of_streams_alone() {
        SeenCall rejected = call("rejected");
        rejected.firstByteNanos = time.nanoTime();
        rejected.status = 429;
        figures.firstByte(rejected);
        rejected.end(figures, Outcome.REJECTED, 0);

        assertThat(figures.streams()).isZero();
        assertThat(overview.read(1).firstEventP50()).isNull();
    }

    @Test
    void nothing_is_lost_where_many_threads_meet_a_new_interval() throws Exception {
        int threads = 4;
        int rounds = 500;
        FigureRing ring = new FigureRing(time, 720);
        CyclicBarrier meeting = new CyclicBarrier(threads, () -> time.advance(FigureRing.INTERVAL));
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> done = IntStream.range(0, threads)
                    .<Future<?>>mapToObj(i -> workers.submit(() -> {
                        for (int round = 0; round < rounds; round++) {
                            meeting.await();
                            ring.current().add(Figure.REQUESTS, 1);
                        }
                        return null;
                    }))
                    .toList();
            for (Future<?> one : done) {
                one.get();
            }
        } finally {
            workers.shutdownNow();
        }

        long counted = LongStream.rangeClosed(0, ring.number())
                .mapToObj(ring::at)
                .filter(java.util.Objects::nonNull)
                .mapToLong(slot -> slot.count(Figure.REQUESTS))
                .sum();
        assertThat(counted).isEqualTo((long) threads * rounds);
    }

    @Test
    void percentiles_are_at_most_a_tenth_off() {
        Waits waits = new Waits();
        for (int millis = 1; millis <= 10_000; millis++) {
            waits.add(Waits.bucket(Duration.ofMillis(millis).toNanos()), 1);
        }

        assertThat(waits.percentile(0.5)).isBetween(4500L, 5500L);
        assertThat(waits.percentile(0.95)).isBetween(8550L, 10_450L);
        assertThat(new Waits().percentile(0.5)).isNull();
        assertThat(Waits.bucket(Duration.ofHours(2).toNanos())).isEqualTo(Waits.BUCKETS - 1);
        assertThat(Waits.bucket(0)).isZero();
    }

    private SeenCall call(String id) {
        SeenCall call = new SeenCall(time, id);
        figures.started(call);
        return call;
    }

    private void limited(Outcome outcome, int status, GatewayError.Kind error) {
        SeenCall call = call("limited");
        call.status = status;
        call.error = error;
        call.end(figures, outcome, 0);
    }
}
