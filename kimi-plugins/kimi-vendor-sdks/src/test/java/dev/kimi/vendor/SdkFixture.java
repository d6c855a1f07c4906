package dev.kimi.vendor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.event.CallEvent;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.support.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

/** An SDK's client over a Kimi client and its service, which knows how calls end. */
final class SdkFixture implements AutoCloseable {

    private static final Duration SOON = Duration.ofSeconds(20);

    final List<CallEvent.Outcome> outcomes = new CopyOnWriteArrayList<>();
    final KimiSimulator kimi = KimiSimulator.builder().keys("sk-test").start();
    final KimiClient client;
    final SdkCalls calls;

    SdkFixture(Sdk sdk) {
        this(sdk, sdk.client());
    }

    SdkFixture(Sdk sdk, KimiClientBuilder builder) {
        client = builder.baseUrl(kimi.baseUrl())
                .listener(call -> event -> {
                    if (event instanceof CallEvent.Finished finished) {
                        outcomes.add(finished.outcome());
                    }
                })
                .build();
        calls = sdk.over(client);
    }

    static void eventually(String what, BooleanSupplier condition) {
        assertThat(Eventually.holds(SOON, condition)).as(what).isTrue();
    }

    void awaitOutcomes(CallEvent.Outcome... expected) {
        eventually("the calls have ended", () -> outcomes.size() >= expected.length);
        assertThat(outcomes).containsExactly(expected);
    }

    @Override
    public void close() {
        calls.close();
        kimi.awaitIdle(SOON);
        eventually("no exchange is under way", () -> client.pool().exchanges() == 0);
        assertThat(client.openCalls()).isEmpty();
        client.close();
        kimi.awaitDisconnected(SOON);
        kimi.close();
    }
}
