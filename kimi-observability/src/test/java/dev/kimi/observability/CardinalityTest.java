package dev.kimi.observability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.FakeCall;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class CardinalityTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Calls calls = new Calls(MicrometerCallListener.meters(registry));

    @Test
    void ten_thousand_calls_with_odd_statuses_make_few_meters() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            calls.responded("chat", random.nextInt(-10, 1_000), Duration.ofMillis(i % 900));
        }

        long durations =
                registry.find(KimiMeter.REQUEST_DURATION.getName()).summaries().size();
        assertThat(durations).isBetween(20L, 50L);
        assertThat(registry.find(KimiMeter.REQUEST_DURATION.getName()).summaries().stream()
                        .mapToLong(summary -> summary.count())
                        .sum())
                .isEqualTo(10_000);
        assertThat(registry.get(KimiMeter.REQUEST_DURATION.getName())
                        .tag("status_code", "4xx")
                        .summary()
                        .count())
                .isPositive();
    }

    @Test
    void names_from_outside_make_few_meters() {
        for (int i = 0; i < 10_000; i++) {
            FakeCall call = calls.start("client-" + i, "operation-" + i, "model-" + i);
            call.attempt().responded(200).succeed();
        }

        assertThat(registry.find(KimiMeter.REQUEST.getName()).timers()).hasSize(101);
        assertThat(registry.get(KimiMeter.REQUEST.getName())
                        .tags("client", "other", "operation", "other", "model", "other")
                        .timer()
                        .count())
                .isEqualTo(9_900);
    }

    @Test
    void their_combinations_are_bounded_too() {
        for (int i = 0; i < 10_000; i++) {
            FakeCall call = calls.start("client-" + i / 100, "chat", "model-" + i % 100);
            call.attempt().responded(200).succeed();
        }

        assertThat(registry.find(KimiMeter.REQUEST.getName()).timers()).hasSize(501);
    }

    @Test
    void nothing_is_lost_between_threads() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                done.add(threads.submit((Callable<?>) () -> {
                    for (int i = 0; i < 2_000; i++) {
                        FakeCall call = calls.start("chat");
                        Calls.retry(call, FailuresOfEachKind.server(503));
                        call.attempt().pass(Duration.ofMillis(1)).responded(200).succeed();
                    }
                    return null;
                }));
            }
            for (Future<?> thread : done) {
                thread.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(registry.get(KimiMeter.REQUEST.getName()).timer().count()).isEqualTo(16_000);
        assertThat(registry.get(KimiMeter.RETRIES.getName()).counter().count()).isEqualTo(16_000);
        assertThat(registry.get(KimiMeter.TOKENS.getName())
                        .tag("type", "prompt")
                        .counter()
                        .count())
                .isEqualTo(16_000 * 12);
        assertThat(registry.get(KimiMeter.IN_FLIGHT.getName()).gauge().value()).isZero();
    }

    @Test
    void no_tag_holds_text_of_the_failure() {
        calls.failed("chat", Duration.ofMillis(1), FailuresOfEachKind.io());
        FakeCall call = calls.start("chat");
        call.fail(FailuresOfEachKind.server(500));

        assertThat(registry.getMeters())
                .flatExtracting(meter -> meter.getId().getTags())
                .noneMatch(
                        tag -> tag.getValue().equals("broken") || tag.getValue().equals("r-1"));
        assertThat(registry.find(KimiMeter.TOKENS.getName()).counters()).isEqualTo(List.<Counter>of());
    }
}
