package dev.kimi.samples.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.error.KimiException;
import dev.kimi.error.RateLimitException;
import dev.kimi.event.CallListener;
import dev.kimi.test.FakeCall;
import dev.kimi.test.contract.CallListenerContract;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimitCounterTest extends CallListenerContract {

    @Override
    protected CallListener listener() {
        return new RateLimitCounter();
    }

    @Test
    void counts_attempts_that_were_rejected_for_their_rate() {
        RateLimitCounter counter = new RateLimitCounter();

        FakeCall.of(counter, "chat")
                .attempt()
                .failed(new RateLimitException(
                        "too many",
                        KimiException.Details.builder().status(429).build(),
                        RateLimitException.Limit.REQUESTS_PER_MINUTE,
                        null))
                .retry(Duration.ofSeconds(1))
                .attempt()
                .responded(200)
                .succeed();

        assertThat(counter.count()).isEqualTo(1);
    }
}
