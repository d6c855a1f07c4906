package dev.kimi.observability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.transport.PoolState;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionPoolMetricsTest {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ConnectionPoolMetrics pools = new ConnectionPoolMetrics(registry);

    @Test
    void one_gauge_sums_all_clients_and_one_distinguishes_them() {
        pools.add(new StillClient("kimi")
                .pool(PoolState.builder()
                        .active(3)
                        .idle(2)
                        .pending(1)
                        .max(10)
                        .exchanges(30)
                        .build()));
        pools.add(new StillClient("claude")
                .pool(PoolState.builder()
                        .active(1)
                        .idle(0)
                        .pending(0)
                        .max(20)
                        .exchanges(1)
                        .build()));

        assertThat(linesOf("kimi_connection_pool"))
                .containsExactlyInAnyOrder(
                        "kimi_connection_pool{state=\"active\"} 4.0",
                        "kimi_connection_pool{state=\"idle\"} 2.0",
                        "kimi_connection_pool{state=\"leaked\"} 0.0",
                        "kimi_connection_pool{state=\"max\"} 30.0",
                        "kimi_connection_pool{state=\"pending\"} 1.0");
        assertThat(linesOf("kimi_client_connections"))
                .hasSize(10)
                .contains(
                        "kimi_client_connections{client=\"kimi\",state=\"active\"} 3.0",
                        "kimi_client_connections{client=\"claude\",state=\"max\"} 20.0");
        assertThat(linesOf("kimi_client_exchanges"))
                .containsExactlyInAnyOrder(
                        "kimi_client_exchanges{client=\"kimi\"} 30.0", "kimi_client_exchanges{client=\"claude\"} 1.0");
    }

    @Test
    void clients_of_one_name_count_as_one() {
        StillClient first = new StillClient("kimi")
                .pool(PoolState.builder()
                        .active(3)
                        .idle(0)
                        .pending(0)
                        .max(10)
                        .exchanges(3)
                        .build());
        pools.add(first)
                .add(new StillClient("kimi")
                        .pool(PoolState.builder()
                                .active(1)
                                .idle(0)
                                .pending(0)
                                .max(10)
                                .exchanges(1)
                                .build()));

        assertThat(linesOf("kimi_client_connections"))
                .contains("kimi_client_connections{client=\"kimi\",state=\"active\"} 4.0");

        pools.remove(first);
        assertThat(linesOf("kimi_client_connections"))
                .contains("kimi_client_connections{client=\"kimi\",state=\"active\"} 1.0");
    }

    @Test
    void a_pool_that_two_clients_share_is_counted_once() {
        StillClient kimi = new StillClient("kimi")
                .pool(PoolState.builder()
                        .active(3)
                        .idle(2)
                        .pending(1)
                        .max(10)
                        .exchanges(30)
                        .build());
        pools.add(kimi).add(new StillClient("claude").poolOf(kimi));

        assertThat(linesOf("kimi_connection_pool"))
                .contains("kimi_connection_pool{state=\"active\"} 3.0", "kimi_connection_pool{state=\"max\"} 10.0");
        assertThat(linesOf("kimi_client_connections"))
                .contains(
                        "kimi_client_connections{client=\"kimi\",state=\"active\"} 3.0",
                        "kimi_client_connections{client=\"claude\",state=\"active\"} 3.0");

        pools.remove(kimi);
        assertThat(linesOf("kimi_connection_pool")).contains("kimi_connection_pool{state=\"active\"} 3.0");
    }

    @Test
    void a_removed_client_takes_its_gauges_with_it_and_can_come_back() {
        StillClient client = new StillClient("kimi")
                .pool(PoolState.builder()
                        .active(3)
                        .idle(0)
                        .pending(0)
                        .max(10)
                        .exchanges(3)
                        .build());
        pools.add(client);

        pools.remove(client);
        assertThat(linesOf("kimi_client_connections")).isEmpty();
        assertThat(linesOf("kimi_connection_pool")).contains("kimi_connection_pool{state=\"active\"} 0.0");

        pools.add(client);
        assertThat(linesOf("kimi_client_connections"))
                .contains("kimi_client_connections{client=\"kimi\",state=\"active\"} 3.0");
    }

    @Test
    void a_pool_that_reports_nothing_does_not_look_like_an_empty_one() {
        pools.add(new StillClient("kimi").pool(PoolState.UNKNOWN));
        assertThat(linesOf("kimi_connection_pool")).contains("kimi_connection_pool{state=\"active\"} NaN");

        pools.add(new StillClient("claude")
                .pool(PoolState.builder()
                        .active(1)
                        .idle(0)
                        .pending(0)
                        .max(20)
                        .exchanges(1)
                        .build()));
        assertThat(linesOf("kimi_connection_pool")).contains("kimi_connection_pool{state=\"active\"} 1.0");
    }

    @Test
    void what_was_dropped_is_counted_and_stays_counted_when_its_client_goes() {
        StillClient kimi = new StillClient("kimi").leaks(3, 7);
        StillClient claude = new StillClient("claude").leaks(2, 7);
        pools.add(kimi).add(claude);

        assertThat(linesOf("kimi_leaks_total"))
                .containsExactlyInAnyOrder(
                        "kimi_leaks_total{type=\"stream\"} 5.0", "kimi_leaks_total{type=\"client\"} 7.0");
        assertThat(linesOf("kimi_connection_pool")).contains("kimi_connection_pool{state=\"leaked\"} 5.0");
        assertThat(linesOf("kimi_client_connections"))
                .contains("kimi_client_connections{client=\"kimi\",state=\"leaked\"} 3.0");

        pools.remove(kimi);
        pools.remove(kimi);
        claude.leaks(4, 8);
        assertThat(linesOf("kimi_leaks_total"))
                .containsExactlyInAnyOrder(
                        "kimi_leaks_total{type=\"stream\"} 7.0", "kimi_leaks_total{type=\"client\"} 8.0");

        pools.remove(claude);
        assertThat(linesOf("kimi_leaks_total"))
                .containsExactlyInAnyOrder(
                        "kimi_leaks_total{type=\"stream\"} 7.0", "kimi_leaks_total{type=\"client\"} 8.0");
    }

    private List<String> linesOf(String name) {
        return registry.scrape().lines().filter(line -> line.startsWith(name)).toList();
    }
}
