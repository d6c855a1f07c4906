package dev.kimi.internal.governor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.error.RateLimitException.Limit;
import dev.kimi.internal.governor.LimitGate.Entry;
import dev.kimi.time.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LimitGateTest {

    private final VirtualTime time = new VirtualTime();
    private final LimitGate gate = new LimitGate(null, time, time);
    private final List<Caller> passed = new ArrayList<>();

    @Test
    void everybody_passes_an_open_gate() {
        assertThat(gate.enter(caller())).isEqualTo(Entry.PASS);
        assertThat(time.pending()).isZero();
    }

    @Test
    void nobody_passes_until_the_moment_that_the_service_named() {
        gate.close(Duration.ofSeconds(20), Limit.UNKNOWN);
        assertThat(gate.enter(caller())).isEqualTo(Entry.WAIT);

        time.advance(Duration.ofMillis(19_999));
        assertThat(passed).isEmpty();
        time.advance(Duration.ofMillis(1));

        assertThat(passed).hasSize(1);
        assertThat(gate.enter(caller())).isEqualTo(Entry.PASS);
        assertThat(time.pending()).isZero();
    }

    @Test
    void an_unused_gate_opens_by_itself_and_without_a_timer() {
        gate.close(Duration.ofSeconds(1), Limit.UNKNOWN);
        assertThat(time.pending()).isZero();

        time.advance(Duration.ofSeconds(1));

        assertThat(gate.enter(caller())).isEqualTo(Entry.PASS);
        assertThat(gate.askedFor()).isZero();
    }

    @Test
    void those_who_waited_come_in_at_a_growing_pace_and_in_their_order() {
        gate.close(Duration.ofSeconds(1), Limit.UNKNOWN);
        List<Caller> callers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Caller caller = caller();
            callers.add(caller);
            assertThat(gate.enter(caller)).isEqualTo(Entry.WAIT);
        }

        List<Integer> inside = new ArrayList<>();
        time.advance(Duration.ofSeconds(1));
        inside.add(passed.size());
        for (int i = 0; i < 4; i++) {
            time.advance(Duration.ofNanos(LimitGate.PACE_NANOS));
            inside.add(passed.size());
        }

        assertThat(inside).containsExactly(1, 3, 7, 15, 20);
        assertThat(passed).isEqualTo(callers);
        assertThat(gate.waiting()).isZero();
        assertThat(time.pending()).isZero();
    }

    @Test
    void who_comes_while_others_are_let_in_waits_behind_them() {
        gate.close(Duration.ofSeconds(1), Limit.UNKNOWN);
        gate.enter(caller());
        gate.enter(caller());
        time.advance(Duration.ofSeconds(1));
        Caller late = caller();

        assertThat(gate.enter(late)).isEqualTo(Entry.WAIT);
        time.advance(Duration.ofNanos(LimitGate.PACE_NANOS));

        assertThat(passed).hasSize(3).last().isSameAs(late);
    }

    @Test
    void another_rejection_closes_it_anew_and_slows_the_pace() {
        gate.close(Duration.ofSeconds(1), Limit.UNKNOWN);
        for (int i = 0; i < 10; i++) {
            gate.enter(caller());
        }
        time.advance(Duration.ofSeconds(1));
        time.advance(Duration.ofNanos(LimitGate.PACE_NANOS));
        assertThat(passed).hasSize(3);

        gate.close(Duration.ofSeconds(5), Limit.UNKNOWN);
        time.advance(Duration.ofMillis(4_999));
        assertThat(passed).hasSize(3);
        time.advance(Duration.ofMillis(1));

        assertThat(passed).hasSize(4);
    }

    @Test
    void a_shorter_word_does_not_open_what_a_longer_one_has_closed() {
        gate.close(Duration.ofSeconds(20), Limit.UNKNOWN);
        gate.close(Duration.ofSeconds(1), Limit.UNKNOWN);
        gate.enter(caller());

        time.advance(Duration.ofSeconds(19));
        assertThat(passed).isEmpty();
        time.advance(Duration.ofSeconds(1));
        assertThat(passed).hasSize(1);
    }

    @Test
    void a_longer_word_moves_those_who_wait_already() {
        gate.close(Duration.ofSeconds(1), Limit.UNKNOWN);
        gate.enter(caller());
        gate.close(Duration.ofSeconds(20), Limit.UNKNOWN);

        time.advance(Duration.ofSeconds(19));
        assertThat(passed).isEmpty();
        time.advance(Duration.ofSeconds(1));
        assertThat(passed).hasSize(1);
    }

    @Test
    void who_cannot_wait_that_long_is_notified_at_once() {
        gate.close(Duration.ofSeconds(20), Limit.UNKNOWN);

        assertThat(gate.enter(new Caller(Duration.ofSeconds(20)))).isEqualTo(Entry.TOO_LATE);
        assertThat(gate.enter(new Caller(Duration.ofSeconds(21)))).isEqualTo(Entry.WAIT);
        assertThat(gate.askedFor()).isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void nobody_waits_for_hours_but_somebody_finds_out_now_and_then() {
        gate.close(Duration.ofHours(5), Limit.UNKNOWN);

        assertThat(gate.enter(new Caller(Duration.ofDays(1)))).isEqualTo(Entry.TOO_LATE);
        assertThat(gate.askedFor()).isEqualTo(Duration.ofHours(5));
        time.advance(LimitGate.LONGEST);
        assertThat(gate.enter(new Caller(Duration.ofDays(1)))).isEqualTo(Entry.PASS);
    }

    @Test
    void a_short_word_after_a_long_one_is_waited_for() {
        gate.close(Duration.ofHours(5), Limit.UNKNOWN);
        time.advance(LimitGate.LONGEST);
        assertThat(gate.enter(caller())).isEqualTo(Entry.PASS);

        gate.close(Duration.ofSeconds(1), Limit.UNKNOWN);

        assertThat(gate.askedFor()).isEqualTo(Duration.ofSeconds(1));
        assertThat(gate.enter(caller())).isEqualTo(Entry.WAIT);
        assertThat(gate.waiting()).isEqualTo(1);
    }

    @Test
    void what_is_left_of_the_wait_is_reported() {
        gate.close(Duration.ofSeconds(20), Limit.UNKNOWN);
        time.advance(Duration.ofSeconds(5));

        assertThat(gate.askedFor()).isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void a_wait_of_a_minute_is_the_longest() {
        gate.close(LimitGate.LONGEST, Limit.UNKNOWN);

        assertThat(gate.enter(caller())).isEqualTo(Entry.WAIT);
    }

    @Test
    void who_leaves_is_not_let_in_and_leaves_no_timer() {
        gate.close(Duration.ofSeconds(1), Limit.UNKNOWN);
        Caller gone = caller();
        gate.enter(gone);

        gate.leave(gone);

        assertThat(time.pending()).isZero();
        time.advance(Duration.ofSeconds(2));
        assertThat(passed).isEmpty();
    }

    @Test
    void a_full_gate_says_so() {
        gate.close(Duration.ofSeconds(1), Limit.UNKNOWN);
        for (int i = 0; i < LimitGate.MAX_WAITING; i++) {
            assertThat(gate.enter(caller())).isEqualTo(Entry.WAIT);
        }

        assertThat(gate.enter(caller())).isEqualTo(Entry.FULL);
    }

    @Test
    void a_hint_of_nothing_closes_nothing() {
        gate.close(Duration.ZERO, Limit.UNKNOWN);

        assertThat(gate.enter(caller())).isEqualTo(Entry.PASS);
    }

    private Caller caller() {
        return new Caller(Duration.ofMinutes(10));
    }

    private final class Caller implements LimitGate.Waiter {
        private final long deadlineNanos;

        private Caller(Duration patience) {
            this.deadlineNanos = time.nanoTime() + patience.toNanos();
        }

        @Override
        public void gateOpened() {
            passed.add(this);
        }

        @Override
        public long deadlineNanos() {
            return deadlineNanos;
        }
    }

    @Test
    void one_timer_is_enough_however_often_it_is_closed_anew() {
        gate.close(Duration.ofSeconds(1), Limit.UNKNOWN);
        gate.enter(caller());
        gate.close(Duration.ofSeconds(2), Limit.UNKNOWN);
        gate.close(Duration.ofSeconds(3), Limit.UNKNOWN);

        assertThat(time.pending()).isEqualTo(1);
        time.advance(Duration.ofSeconds(3));
        assertThat(passed).hasSize(1);
        assertThat(time.pending()).isZero();
    }
}
