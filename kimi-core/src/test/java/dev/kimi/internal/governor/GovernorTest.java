package dev.kimi.internal.governor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.error.KimiException;
import dev.kimi.error.KimiException.Details;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.time.VirtualTime;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GovernorTest {

    private final VirtualTime time = new VirtualTime();
    /** Chance that rejects whatever it may. */
    private final Governor governor = new Governor(time, time, () -> 0L);

    private final Passage passage = governor.passage(new LimitTarget("https://kimi.test", null, null));

    private static Details status(int status) {
        return Details.builder().status(status).build();
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new OverloadedException("529", status(529), null), true),
                Arguments.of(new ServerException("502", status(502), null), true),
                Arguments.of(new ServerException("503", status(503), null), true),
                Arguments.of(new ServerException("504", status(504), null), true),
                Arguments.of(new TransportException("not reached", Details.NONE, true, null), true),
                Arguments.of(new TransportException("cut", Details.NONE, false, null), false),
                Arguments.of(new ServerException("500", status(500), null), false),
                Arguments.of(new ServerException("408", status(408), null), false),
                Arguments.of(
                        new RateLimitException("429", status(429), RateLimitException.Limit.REQUESTS_PER_MINUTE, null),
                        false));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void only_what_says_that_the_service_cannot_take_calls_on_makes_it_send_less(KimiException failure, boolean less) {
        for (int i = 0; i < 40; i++) {
            assertThat(passage.admit(false)).isTrue();
        }
        for (int i = 0; i < 40; i++) {
            passage.learn(failure, time.nanoTime());
        }
        // the one that finds out
        assertThat(passage.admit(false)).isTrue();

        assertThat(passage.admit(false)).isEqualTo(!less);
    }

    private Passage of(String model) {
        return governor.passage(new LimitTarget("https://kimi.test", model, model));
    }

    private void fails(int times, Passage passage, KimiException failure) {
        for (int i = 0; i < times; i++) {
            passage.admit(false);
        }
        for (int i = 0; i < times; i++) {
            passage.learn(failure, time.nanoTime());
        }
    }

    private static KimiException modelBusy() {
        Details ofModel = Details.builder()
                .status(529)
                .limitScope(KimiException.LimitScope.ENDPOINT_MODEL)
                .build();
        return new OverloadedException("529", ofModel, null);
    }

    @Test
    void the_turn_of_a_second_is_not_lost_to_a_call_that_the_throttle_of_its_model_rejects() {
        Passage busy = of("busy");
        fails(40, busy, modelBusy());
        assertThat(busy.admit(false)).as("the turn of the model").isTrue();
        fails(200, of("down"), new ServerException("503", status(503), null));
        time.advance(Duration.ofMillis(1));

        assertThat(busy.admit(false)).isFalse();

        assertThat(of("other").admit(false)).as("the turn of the endpoint").isTrue();
        assertThat(of("other").admit(false)).isFalse();
    }

    @Test
    void what_the_throttle_of_its_model_rejects_is_no_request_that_the_endpoint_has_accepted() {
        Passage busy = of("busy");
        fails(40, busy, modelBusy());
        for (int i = 0; i < 1_000; i++) {
            busy.admit(false);
        }
        time.advance(Duration.ofMillis(1));
        fails(200, of("down"), new ServerException("503", status(503), null));
        of("other").admit(false);

        assertThat(of("other").admit(false)).isFalse();
    }

    @Test
    void a_probe_passes_and_its_success_makes_the_throttles_forget() {
        Passage down = of("down");
        KimiException failure = new ServerException("503", status(503), null);
        long sent = time.nanoTime();
        fails(40, down, failure);
        time.advance(Duration.ofMillis(1));
        assertThat(down.admit(false)).as("the turn of this second").isTrue();
        assertThat(down.admit(false)).isFalse();

        assertThat(down.admit(true)).isTrue();
        down.recovered();

        for (int i = 0; i < 100; i++) {
            assertThat(down.admit(false)).isTrue();
        }
        down.learn(failure, sent);
        assertThat(down.admit(false)).as("that was sent before").isTrue();
        assertThat(down.admit(false)).isTrue();
        time.advance(Duration.ofSeconds(1));
        fails(40, down, failure);
        time.advance(Duration.ofSeconds(1));
        assertThat(down.admit(false)).isTrue();
        assertThat(down.admit(false)).as("it is down again").isFalse();
    }

    @Test
    void a_retry_that_the_ratio_rejects_costs_nothing() {
        int granted = 0;
        while (governor.takeRetry(RetryBudget.TRANSIENT_COST) != null) {
            granted++;
        }

        assertThat(granted).isEqualTo(1 + RetryRatio.RESERVE);
        assertThat(governor.budget().available())
                .isEqualTo(RetryBudget.CAPACITY - granted * RetryBudget.TRANSIENT_COST);
    }

    @Test
    void retries_that_are_not_made_cost_nothing() {
        for (int i = 0; i < 50; i++) {
            Runnable undo = governor.takeRetry(RetryBudget.TRANSIENT_COST);
            assertThat(undo).as("retry %d", i).isNotNull();
            undo.run();
        }

        assertThat(governor.budget().available()).isEqualTo(RetryBudget.CAPACITY);
    }

    @Test
    void a_rate_limit_with_a_hint_closes_the_gate_for_that_long() {
        passage.learn(
                new RateLimitException(
                        "429",
                        Details.builder()
                                .status(429)
                                .retry(Duration.ofSeconds(7), null)
                                .build(),
                        RateLimitException.Limit.REQUESTS_PER_MINUTE,
                        null),
                time.nanoTime());

        assertThat(passage.gates().get(0).askedFor()).isEqualTo(Duration.ofSeconds(7));
    }
}
