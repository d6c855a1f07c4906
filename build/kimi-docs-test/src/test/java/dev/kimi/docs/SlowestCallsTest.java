package dev.kimi.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.event.CallListener;
import dev.kimi.test.FakeCall;
import dev.kimi.test.contract.CallListenerContract;
import java.time.Duration;
import org.junit.jupiter.api.Test;

// snippet:listener-contract
class SlowestCallsTest extends CallListenerContract {

    @Override
    protected CallListener listener() {
        return new SlowestCalls();
    }

    @Test
    void a_back_off_counts() {
        SlowestCalls slowest = new SlowestCalls();

        FakeCall.of(slowest, "chat")
                .attempt()
                .pass(Duration.ofMillis(200))
                .failed(new OverloadedException("busy", KimiException.Details.NONE, null))
                .retry(Duration.ofSeconds(1))
                .attempt()
                .responded(200)
                .succeed();

        assertThat(slowest.of("default")).isEqualTo(Duration.ofMillis(1200));
    }
}
// end
