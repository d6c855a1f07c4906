package dev.kimi.internal.governor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AdaptiveThrottleTest {

    private static final long SECOND = 1_000_000_000L;
    private static final long START = Long.MAX_VALUE - 5 * SECOND;

    private final AdaptiveThrottle throttle = new AdaptiveThrottle(new Random(42), START);

    private static boolean admits(AdaptiveThrottle asked, long now) {
        return asked.enter(now) != AdaptiveThrottle.Entry.REJECTED;
    }

    @Test
    void sends_everything_as_long_as_less_than_half_is_rejected() {
        send(200, 99, START);

        assertThat(throttle.chanceOfRejection(START)).isZero();
        assertThat(admitted(1_000, START)).isEqualTo(1_000);
    }

    @Test
    void concludes_nothing_from_a_few_rejections() {
        send(AdaptiveThrottle.MIN_REJECTIONS - 1, AdaptiveThrottle.MIN_REJECTIONS - 1, START);

        assertThat(throttle.chanceOfRejection(START)).isZero();

        send(1, 1, START);
        assertThat(throttle.chanceOfRejection(START)).isPositive();
    }

    @Test
    void the_chance_is_that_of_the_formula() {
        // 100 made, 80 rejected: (100 - 2 * 20) / 101
        send(100, 80, START);

        assertThat(throttle.chanceOfRejection(START)).isCloseTo(60.0 / 101, within(1e-9));
    }

    @Test
    void one_in_ten_passes_however_bad_it_is() {
        send(1_000, 1_000, START);

        assertThat(throttle.chanceOfRejection(START)).isEqualTo(AdaptiveThrottle.MAX_CHANCE);
    }

    @Test
    void one_a_second_passes_whatever_chance_says() {
        AdaptiveThrottle unlucky = new AdaptiveThrottle(() -> 0L, START);
        for (int i = 0; i < 100; i++) {
            admits(unlucky, START);
        }
        for (int i = 0; i < 100; i++) {
            unlucky.rejected(START, START);
        }

        assertThat(admits(unlucky, START + 1))
                .as("the first since it is suspicious")
                .isTrue();
        assertThat(admits(unlucky, START + 2)).isFalse();
        assertThat(admits(unlucky, START + SECOND)).isFalse();
        assertThat(admits(unlucky, START + SECOND + 1)).isTrue();
        assertThat(admits(unlucky, START + SECOND + 2)).isFalse();
    }

    @Test
    void a_response_that_is_still_to_come_is_no_rejection() {
        for (int i = 0; i < 10_000; i++) {
            admits(throttle, START);
        }
        for (int i = 0; i < AdaptiveThrottle.MIN_REJECTIONS; i++) {
            throttle.rejected(START, START + SECOND);
        }

        assertThat(throttle.chanceOfRejection(START + SECOND)).isZero();
    }

    @Test
    void all_is_forgotten_after_two_minutes() {
        send(1_000, 1_000, START);

        assertThat(throttle.chanceOfRejection(START + 119 * SECOND)).isEqualTo(AdaptiveThrottle.MAX_CHANCE);
        assertThat(throttle.chanceOfRejection(START + 120 * SECOND)).isZero();
        assertThat(admitted(100, START + 120 * SECOND)).isEqualTo(100);
    }

    @Test
    void a_rejection_counts_when_its_request_was_sent() {
        send(100, 0, START);
        for (int i = 0; i < 100; i++) {
            throttle.rejected(START, START + 60 * SECOND);
        }
        // what is still counted when the others are forgotten
        send(10, 0, START + 60 * SECOND);

        assertThat(throttle.chanceOfRejection(START + 119 * SECOND)).isPositive();
        assertThat(throttle.chanceOfRejection(START + 120 * SECOND)).isZero();
    }

    @Test
    void comes_back_when_the_service_does() {
        long now = START;
        int refusedHere = 0;
        for (int second = 0; second < 300; second++) {
            for (int i = 0; i < 50; i++) {
                now += SECOND / 50;
                boolean admitted = admits(throttle, now);
                if (admitted && second < 60) {
                    throttle.rejected(now, now);
                }
                refusedHere += admitted || second < 200 ? 0 : 1;
            }
        }

        assertThat(refusedHere).as("refused here long after the outage").isZero();
    }

    private void send(int made, int refused, long now) {
        for (int i = 0; i < made; i++) {
            admits(throttle, now);
        }
        for (int i = 0; i < refused; i++) {
            throttle.rejected(now, now);
        }
    }

    private int admitted(int made, long now) {
        int admitted = 0;
        for (int i = 0; i < made; i++) {
            admitted += admits(throttle, now) ? 1 : 0;
        }
        return admitted;
    }
}
