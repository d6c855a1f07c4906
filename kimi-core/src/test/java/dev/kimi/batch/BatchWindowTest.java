package dev.kimi.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchWindowTest {

    private static WindowObservation latency(long millis) {
        return WindowObservation.builder()
                .averageLatency(Duration.ofMillis(millis))
                .build();
    }

    @ParameterizedTest
    @CsvSource({
        // a published comparison: REST 142 ms at 1,250 QPS, gRPC 89 ms at 2,100 QPS
        "1000, 1250, 142, 178",
        "1000, 2100, 89, 187",
        "128, 1250, 142, 128",
        // whole products stay whole: 20 x 0.15 is not quite 3 in binary
        "64, 20, 150, 3",
        "64, 20, 151, 4",
        "64, 20, 3200, 64",
        "64, 20, 3201, 64",
        "64, 0.1, 100, 1",
    })
    void the_founding_formula_gives_the_calls_in_flight(int max, double target, long millis, int expected) {
        assertThat(BatchWindow.littlesLaw(max, target).permits(latency(millis))).isEqualTo(expected);
    }

    @Test
    void before_the_first_response_one_call_is_allowed() {
        assertThat(BatchWindow.littlesLaw(64, 20).permits(latency(0))).isEqualTo(1);
    }

    @Test
    void a_fixed_window_does_not_move() {
        BatchWindow window = BatchWindow.fixed(7);
        assertThat(window.permits(latency(0))).isEqualTo(7);
        assertThat(window.permits(latency(60_000))).isEqualTo(7);
    }

    @Test
    void windows_that_could_not_move_on_are_rejected() {
        assertThatThrownBy(() -> BatchWindow.fixed(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BatchWindow.littlesLaw(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BatchWindow.littlesLaw(1, Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BatchWindow.littlesLaw(1, Double.POSITIVE_INFINITY))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
