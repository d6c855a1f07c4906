package dev.kimi.observability.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.Diagnostics.Circuit;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.KimiException;
import dev.kimi.error.KimiException.Details;
import dev.kimi.error.RejectedException;
import dev.kimi.observability.ConnectionPoolMetrics;
import dev.kimi.observability.FailuresOfEachKind;
import dev.kimi.observability.StillClient;
import dev.kimi.test.FakeCall;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.PoolState;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.health.contributor.Status;

class KimiHealthIndicatorTest {

    private final VirtualTime time = new VirtualTime();
    private final KimiClientBeans clients =
            new KimiClientBeans(new StaticListableBeanFactory().getBeanProvider(ConnectionPoolMetrics.class));
    private final KimiHealthIndicator health = new KimiHealthIndicator(clients, time);

    @BeforeEach
    void add_a_client() {
        clients.postProcessAfterInitialization(
                new StillClient("kimi")
                        .pool(PoolState.builder()
                                .active(3)
                                .idle(2)
                                .pending(1)
                                .max(10)
                                .exchanges(3)
                                .build()),
                "kimi");
    }

    @Test
    void nothing_is_known_before_the_first_call() {
        assertThat(status()).isEqualTo(Status.UNKNOWN);
        assertThat(health.health().getDetails())
                .hasEntrySatisfying(
                        "kimi",
                        details -> assertThat(details.toString())
                                .contains(
                                        "reason=no call has ended in the last 5 minutes",
                                        "connections=active 3, idle 2, pending 1, max 10"));
    }

    @Test
    void the_circuits_of_a_route_are_details_and_decide_nothing() {
        clients.postProcessAfterInitialization(
                new StillClient("routed")
                        .circuits(
                                new Circuit("routed", "kimi-k3", Circuit.State.OPEN),
                                new Circuit("claude", "claude-sonnet-5-5", Circuit.State.HALF_OPEN)),
                "routed");
        succeeded("routed");

        assertThat(status()).isEqualTo(Status.UP);
        assertThat(health.health().getDetails())
                .hasEntrySatisfying(
                        "routed",
                        details -> assertThat(details.toString())
                                .contains("circuits={routed, kimi-k3=open, claude, claude-sonnet-5-5=half-open}"))
                .hasEntrySatisfying(
                        "kimi", details -> assertThat(details.toString()).doesNotContain("circuits"));
    }

    @Test
    void a_good_call_is_up_until_it_says_nothing_about_now() {
        succeeded("kimi");
        assertThat(status()).isEqualTo(Status.UP);

        time.advance(Duration.ofMinutes(5));
        assertThat(status()).isEqualTo(Status.UP);
        time.advance(Duration.ofNanos(1));
        assertThat(status()).isEqualTo(Status.UNKNOWN);
    }

    @Test
    void one_failure_is_an_accident_and_three_are_a_state() {
        failed("kimi", FailuresOfEachKind.server(503));
        failed("kimi", FailuresOfEachKind.io());
        assertThat(status()).isEqualTo(Status.UP);

        failed("kimi", FailuresOfEachKind.timeout(Phase.HEADERS));
        assertThat(status()).isEqualTo(Status.DOWN);

        succeeded("kimi");
        assertThat(status()).isEqualTo(Status.UP);
    }

    @Test
    void a_rejected_key_or_an_unpaid_bill_is_down_at_once() {
        failed("kimi", FailuresOfEachKind.authentication());
        assertThat(status()).isEqualTo(Status.DOWN);

        succeeded("kimi");
        failed("kimi", FailuresOfEachKind.outOfMoney());
        assertThat(status()).isEqualTo(Status.DOWN);
    }

    @Test
    void what_the_caller_did_says_nothing_about_the_service() {
        for (int i = 0; i < 10; i++) {
            call("kimi").cancel(FailuresOfEachKind.cancelled());
            failed("kimi", FailuresOfEachKind.rejected(RejectedException.Reason.QUEUE_FULL));
            failed("kimi", FailuresOfEachKind.timeout(Phase.QUEUED));
        }
        assertThat(status()).isEqualTo(Status.UNKNOWN);
    }

    @Test
    void an_exhausted_retry_budget_counts_as_what_was_retried() {
        for (int i = 0; i < 3; i++) {
            failed(
                    "kimi",
                    new RejectedException(
                            "enough",
                            Details.NONE,
                            RejectedException.Reason.RETRY_BUDGET_EXHAUSTED,
                            FailuresOfEachKind.server(503)));
        }
        assertThat(status()).isEqualTo(Status.DOWN);
    }

    @Test
    void one_client_that_fails_is_shown_by_its_name() {
        clients.postProcessAfterInitialization(new StillClient("claude"), "claude");
        succeeded("kimi");
        failed("claude", FailuresOfEachKind.authentication());

        assertThat(status()).isEqualTo(Status.DOWN);
        assertThat(health.health().getDetails())
                .hasEntrySatisfying(
                        "kimi", details -> assertThat(details.toString()).contains("status=UP"))
                .hasEntrySatisfying(
                        "claude",
                        details -> assertThat(details.toString())
                                .contains("status=DOWN", "lastError=AuthenticationException"));
    }

    private Status status() {
        return health.health().getStatus();
    }

    private void succeeded(String client) {
        call(client).succeed();
    }

    private void failed(String client, KimiException failure) {
        call(client).fail(failure);
    }

    private FakeCall call(String client) {
        return FakeCall.of(health, client, "chat", "kimi-k3");
    }
}
