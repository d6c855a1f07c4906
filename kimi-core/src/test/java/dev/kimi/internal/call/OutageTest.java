package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.internal.governor.RetryBudget;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A total outage under constant load, on virtual time: how much more than the calls reaches the service.
 *
 * <p>{@code -Dkimi.outage.calls=1000000} makes it long.
 */
class OutageTest {

    private static final boolean LONG = System.getProperty("kimi.outage.calls") != null;
    private static final int CALLS = Integer.getInteger("kimi.outage.calls", 20_000);
    private static final Duration BETWEEN = Duration.ofMillis(2);
    private static final Duration ANSWERED_AFTER = Duration.ofMillis(30);

    private final EngineFixture fixture = new EngineFixture();
    private long sent;

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503, 529})
    void an_outage_is_not_answered_with_a_storm(int status) {
        Random random = new Random(status);
        fixture.random = random;
        Engine engine = fixture.engineOver((request, handler) -> {
            sent++;
            fixture.time.schedule(ANSWERED_AFTER.toNanos(), () -> refuse(handler, status));
            return new Exchange() {
                @Override
                public void request(long chunks) {}

                @Override
                public void abort() {}
            };
        });

        CompletableFuture<?> last = CompletableFuture.completedFuture(null);
        for (int i = 0; i < CALLS; i++) {
            fixture.time.advance(BETWEEN);
            last = fixture.chat(engine);
        }
        while (fixture.time.advanceToNext()) {
            // the last calls come to their end
        }

        double amplification = sent / (double) CALLS;
        if (LONG) {
            System.out.printf("%d: %d calls, %d requests, amplification %.4f%n", status, CALLS, sent, amplification);
        }
        assertThat(last).isDone();
        // nothing succeeds, so nothing is given back: what the budget held in the beginning is all there is
        assertThat(sent).isLessThanOrEqualTo(CALLS + RetryBudget.CAPACITY / RetryBudget.THROTTLED_COST);
        if (status == 503 || status == 529) {
            assertThat(amplification).as("most is not sent at all").isLessThan(0.2 + 200.0 / CALLS);
        }
        fixture.assertNothingIsLeft(engine);
    }

    private static void refuse(ExchangeHandler handler, int status) {
        handler.onHeaders(status, Headers.empty());
        handler.onComplete();
    }
}
