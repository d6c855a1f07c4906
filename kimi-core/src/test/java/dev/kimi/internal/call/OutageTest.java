package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.internal.governor.RetryBudget;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An outage under constant load, on virtual time: how much more than the calls reaches the service.
 *
 * <p>{@code -Dkimi.outage.calls=1000000} makes it long.
 */
class OutageTest {

    private static final boolean LONG = System.getProperty("kimi.outage.calls") != null;
    private static final int CALLS = Integer.getInteger("kimi.outage.calls", 20_000);
    private static final Duration BETWEEN = Duration.ofMillis(2);
    private static final Duration ANSWERED_AFTER = Duration.ofMillis(30);

    private static final int WINDOW_SECONDS = 60;
    private static final int CALLS_PER_SECOND = 500;
    private static final int CALLS_IN_WINDOW = Math.min(CALLS, CALLS_PER_SECOND * WINDOW_SECONDS);
    /** Beside its share of 5 %, a client may retry once, ten times from what it saved, and once a second. */
    private static final int RESERVE = 1 + 10 + WINDOW_SECONDS;

    private final EngineFixture fixture = new EngineFixture();
    private final int[] sentIn = new int[CALLS / CALLS_PER_SECOND + 600];
    private long sent;
    private long startNanos;

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503, 529})
    void an_outage_causes_no_retry_storm(int status) {
        Engine engine = run(status, 100);

        double amplification = sent / (double) CALLS;
        tell(status + " for all", amplification);
        // nothing succeeds, so nothing is given back: what the budget held in the beginning is all there is
        assertThat(sent).isLessThanOrEqualTo(CALLS + RetryBudget.CAPACITY / RetryBudget.THROTTLED_COST);
        assertThat(worst()).as("in the worst minute").isLessThanOrEqualTo(1.05);
        if (status == 503 || status == 529) {
            assertThat(amplification).as("most is not sent at all").isLessThan(0.2 + 200.0 / CALLS);
        }
        fixture.assertNothingIsLeft(engine);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503})
    void what_succeeds_pays_for_retries_and_still_there_is_no_storm(int status) {
        Engine engine = run(status, 30);

        tell(status + " for 30 %", sent / (double) CALLS);
        assertThat(sent).as("some are retried").isGreaterThan(CALLS + CALLS / 100);
        assertThat(worst()).as("in the worst minute").isLessThanOrEqualTo(1.05 + RESERVE / (double) CALLS_IN_WINDOW);
        fixture.assertNothingIsLeft(engine);
    }

    /** Calls at an even pace, of which that share of all that is sent is rejected. */
    private Engine run(int status, int percentRefused) {
        Random random = new Random(status);
        fixture.random = random;
        Engine engine = fixture.engineOver((request, handler) -> {
            sent++;
            sentIn[second()]++;
            boolean refused = random.nextInt(100) < percentRefused;
            fixture.time.schedule(ANSWERED_AFTER.toNanos(), () -> answer(handler, refused ? status : 200));
            return new Exchange() {
                @Override
                public void request(long chunks) {}

                @Override
                public void abort() {}
            };
        });
        startNanos = fixture.time.nanoTime();
        CompletableFuture<?> last = CompletableFuture.completedFuture(null);
        for (int i = 0; i < CALLS; i++) {
            fixture.time.advance(BETWEEN);
            last = fixture.chat(engine);
        }
        while (fixture.time.advanceToNext()) {
            // the last calls come to their end
        }
        assertThat(last).isDone();
        return engine;
    }

    private int second() {
        return (int) ((fixture.time.nanoTime() - startNanos) / 1_000_000_000L);
    }

    /** Requests for each call, in the minute in which it was most. */
    private double worst() {
        int most = 0;
        int window = 0;
        for (int i = 0; i < sentIn.length; i++) {
            window += sentIn[i] - (i < WINDOW_SECONDS ? 0 : sentIn[i - WINDOW_SECONDS]);
            most = Math.max(most, window);
        }
        return most / (double) CALLS_IN_WINDOW;
    }

    private void tell(String what, double amplification) {
        if (LONG) {
            System.out.printf(
                    "%s: %d calls, %d requests, amplification %.4f, %.4f in the worst minute%n",
                    what, CALLS, sent, amplification, worst());
        }
    }

    private static void answer(ExchangeHandler handler, int status) {
        handler.onHeaders(status, Headers.empty());
        if (status == 200) {
            handler.onBody(ByteBuffer.wrap("sky".getBytes(StandardCharsets.UTF_8)));
        }
        handler.onComplete(Headers.empty());
    }
}
