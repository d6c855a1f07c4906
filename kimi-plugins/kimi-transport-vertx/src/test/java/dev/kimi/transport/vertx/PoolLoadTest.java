package dev.kimi.transport.vertx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.time.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PoolLoadTest {

    private final VirtualTime clock = new VirtualTime();
    private final LoopCounters counters = new LoopCounters();

    @ParameterizedTest
    @CsvSource({
        // exchanges in flight, exchanges of a connection, most, needed, kept
        "0, 1, 100, 0, 4",
        "1, 1, 100, 2, 4",
        "25, 1, 100, 33, 20",
        "70, 1, 100, 91, 34",
        "400, 1, 1000, 520, 104",
        "400, 1, 100, 100, 80",
        "80, 80, 100, 2, 1",
        "800, 80, 100, 13, 3",
        "1, 80, 100, 1, 1",
        "30, 1, 3, 3, 3"
    })
    void load_calls_for_so_many_connections(int inFlight, int perConnection, int most, int needed, int kept) {
        PoolLoad load = new PoolLoad(clock, counters, most, Sizing.BY_LOAD);
        load.carries(perConnection);
        for (int i = 0; i < inFlight; i++) {
            load.enter();
        }

        clock.advance(Duration.ofSeconds(5));
        load.measure();

        assertThat(counters.neededConnections.get()).isEqualTo(needed);
        assertThat(counters.keptConnections.get()).isEqualTo(kept);
        assertThat(load.enough()).isEqualTo(needed + kept);
    }

    @Test
    void load_is_rate_times_latency() {
        PoolLoad load = new PoolLoad(clock, counters, 100, Sizing.BY_LOAD);
        for (int second = 0; second < 10; second++) {
            for (int i = 0; i < 40; i++) {
                load.enter();
            }
            clock.advance(Duration.ofMillis(250));
            for (int i = 0; i < 40; i++) {
                load.leave();
            }
            clock.advance(Duration.ofMillis(750));
        }
        load.measure();

        // 40/s * 0.25 s * 1.3
        assertThat(counters.neededConnections.get()).isEqualTo(13);
    }

    @Test
    void load_rises_at_once_and_falls_by_half_in_a_minute() {
        PoolLoad load = new PoolLoad(clock, counters, 1000, Sizing.BY_LOAD);
        for (int i = 0; i < 100; i++) {
            load.enter();
        }
        clock.advance(Duration.ofSeconds(1));
        load.measure();
        assertThat(counters.neededConnections.get()).isEqualTo(130);
        for (int i = 0; i < 100; i++) {
            load.leave();
        }

        clock.advance(Duration.ofMinutes(1));
        load.measure();
        assertThat(counters.neededConnections.get()).isEqualTo(65);
        assertThat(load.kept(10)).isEqualTo(55);
        assertThat(load.kept(64)).isEqualTo(29);

        load.forget();
        assertThat(counters.neededConnections.get()).isZero();
        assertThat(counters.keptConnections.get()).isEqualTo(4);
    }

    @Test
    void what_is_set_to_be_kept_is_kept_whatever_the_load() {
        PoolLoad load = new PoolLoad(clock, counters, 100, 7);
        for (int i = 0; i < 50; i++) {
            load.enter();
        }
        clock.advance(Duration.ofSeconds(5));
        load.measure();

        assertThat(load.kept(0)).isEqualTo(7);
        assertThat(counters.keptConnections.get()).isEqualTo(7);
    }
}
