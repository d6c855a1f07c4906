package dev.kimi.internal.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HedgingShareTest {

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    private static void took(FirstEventTimes times, int many, long millis) {
        for (int i = 0; i < many; i++) {
            times.took(TimeUnit.MILLISECONDS.toNanos(millis));
        }
    }

    @Test
    void nothing_is_known_of_fewer_than_twenty() {
        FirstEventTimes times = new FirstEventTimes();
        took(times, 19, 100);
        assertThat(times.p95()).isEqualTo(Hedging.NEVER);

        took(times, 1, 100);

        assertThat(millis(times.p95())).isEqualTo(100);
    }

    @Test
    void nineteen_of_twenty_take_no_longer() {
        FirstEventTimes times = new FirstEventTimes();
        for (int i = 1; i <= 120; i++) {
            took(times, 1, i);
        }

        assertThat(millis(times.p95())).isEqualTo(114);
    }

    @Test
    void what_is_long_ago_is_forgotten() {
        FirstEventTimes times = new FirstEventTimes();
        took(times, 1_000, 5_000);

        took(times, FirstEventTimes.KEPT, 200);

        assertThat(millis(times.p95())).isEqualTo(200);
    }

    @Test
    void each_call_brings_its_share_of_a_token() {
        Hedging hedging = new Hedging(0.05);
        for (int i = 0; i < 19; i++) {
            hedging.callBegins();
        }
        assertThat(hedging.take()).isFalse();

        hedging.callBegins();

        assertThat(hedging.take()).isTrue();
        assertThat(hedging.take()).isFalse();
    }

    @Test
    void what_is_given_back_can_be_taken_again() {
        Hedging hedging = new Hedging(0.5);
        hedging.callBegins();
        hedging.callBegins();
        assertThat(hedging.take()).isTrue();

        hedging.giveBack();

        assertThat(hedging.take()).isTrue();
    }

    @Test
    void a_quiet_time_saves_up_for_a_few_only() {
        Hedging hedging = new Hedging(0.5);
        for (int i = 0; i < 1_000; i++) {
            hedging.callBegins();
        }

        for (int i = 0; i < Hedging.BURST; i++) {
            assertThat(hedging.take()).isTrue();
        }
        assertThat(hedging.take()).isFalse();
    }
}
