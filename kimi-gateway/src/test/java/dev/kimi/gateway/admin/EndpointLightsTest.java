package dev.kimi.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.Diagnostics.Circuit;
import dev.kimi.Diagnostics.Circuit.State;
import dev.kimi.gateway.call.GatewayCall.Outcome;
import dev.kimi.time.VirtualTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How endpoints are. */
class EndpointLightsTest {

    private final VirtualTime time = new VirtualTime();
    private final AdminFigures figures = new AdminFigures(time);
    private final AdminApplication.Circuits circuits = new AdminApplication.Circuits();
    private final AdminOverview overview =
            new AdminOverview(figures, () -> List.of(AdminApplication.client("kimi", circuits)));

    @Test
    void one_without_calls_is_idle_and_says_where_it_is() {
        AdminView.Endpoint kimi = endpoint("kimi");

        assertThat(kimi.light()).isEqualTo("idle");
        assertThat(kimi.service()).isEqualTo("kimi.example");
        assertThat(kimi.protocol()).isEqualTo("openai");
        assertThat(kimi.lately().firstEventP50()).isNull();
    }

    @Test
    void an_open_circuit_is_down_and_a_half_open_one_is_a_warning() {
        circuits.are(new Circuit("kimi", "kimi-k3", State.OPEN), new Circuit("kimi", "kimi-k2", State.CLOSED));
        assertThat(endpoint("kimi"))
                .extracting(AdminView.Endpoint::light, AdminView.Endpoint::reason)
                .containsExactly("down", "circuit open for kimi-k3");
        assertThat(endpoint("kimi").circuits())
                .containsExactly(new AdminView.Circuit("kimi-k2", "closed"), new AdminView.Circuit("kimi-k3", "open"));

        circuits.are(new Circuit("kimi", "kimi-k3", State.HALF_OPEN));
        assertThat(endpoint("kimi").light()).isEqualTo("warn");

        circuits.are(new Circuit("kimi", "kimi-k3", State.CLOSED));
        assertThat(endpoint("kimi").light()).isEqualTo("idle");
    }

    @Test
    void calls_that_fail_are_a_warning_and_many_of_them_mean_down_for_five_minutes() {
        end(Outcome.FAILED, 502);
        assertThat(endpoint("kimi").light()).isEqualTo("warn");

        for (int i = 0; i < 40; i++) {
            end(Outcome.OK, 200);
        }
        assertThat(endpoint("kimi").light()).isEqualTo("ok");

        for (int i = 0; i < 50; i++) {
            end(Outcome.TRUNCATED, 200);
        }
        assertThat(endpoint("kimi"))
                .extracting(AdminView.Endpoint::light, AdminView.Endpoint::reason)
                .containsExactly("down", "51 of 91 calls failed");

        time.advance(Duration.ofMinutes(5));
        assertThat(endpoint("kimi").light()).isEqualTo("idle");
    }

    @Test
    void requests_that_are_wrong_say_nothing_about_an_endpoint() {
        for (int i = 0; i < 20; i++) {
            end(Outcome.FAILED, i % 2 == 0 ? 400 : 404);
        }
        assertThat(endpoint("kimi"))
                .extracting(AdminView.Endpoint::light, kimi -> kimi.lately().calls())
                .containsExactly("ok", 20L);
        assertThat(overview.read(1).series().rejected()).containsExactly(20);
        assertThat(overview.read(1).series().failed()).containsExactly(0);

        for (int i = 0; i < 20; i++) {
            end(Outcome.FAILED, 408);
        }
        assertThat(endpoint("kimi").light()).isEqualTo("down");
    }

    @Test
    void one_that_limits_calls_is_a_warning() {
        for (int i = 0; i < 40; i++) {
            end(Outcome.OK, 200);
        }
        end(Outcome.FAILED, 429);

        assertThat(endpoint("kimi"))
                .extracting(
                        AdminView.Endpoint::light,
                        AdminView.Endpoint::reason,
                        kimi -> kimi.lately().limited())
                .containsExactly("warn", "1 of 41 calls rate limited", 1L);
    }

    @Test
    void endpoints_of_a_route_that_have_no_client_of_their_own_are_listed_too() {
        circuits.are(new Circuit("kimi", "kimi-k3", State.CLOSED), new Circuit("spare", "kimi-k3", State.OPEN));

        assertThat(overview.read(1).endpoints())
                .extracting(AdminView.Endpoint::name)
                .containsExactly("kimi", "spare");
        assertThat(endpoint("spare").light()).isEqualTo("down");
    }

    private AdminView.Endpoint endpoint(String name) {
        return overview.read(1).endpoints().stream()
                .filter(endpoint -> endpoint.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private void end(Outcome outcome, int status) {
        SeenCall call = new SeenCall(time, "call");
        figures.started(call);
        call.endpoint = "kimi";
        call.status = status;
        call.end(figures, outcome, 0);
    }
}
