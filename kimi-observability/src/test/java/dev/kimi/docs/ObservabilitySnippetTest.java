package dev.kimi.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.observability.ConnectionPoolMetrics;
import dev.kimi.observability.MicrometerCallListener;
import dev.kimi.test.KimiSimulator;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The code of docs/observability.md, run. */
@Timeout(60)
class ObservabilitySnippetTest {

    @Test
    void metrics() {
        try (KimiSimulator simulator = KimiSimulator.start()) {
            String key = "sk-test";
            String service = simulator.baseUrl();
            // snippet:metrics
            PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
            KimiClient kimi = KimiClient.builder()
                    .apiKey(key)
                    .baseUrl(service)
                    .listener(MicrometerCallListener.meters(registry))
                    .build();
            new ConnectionPoolMetrics(registry).add(kimi);
            // end
            kimi.chat("Why is the sky blue?");
            kimi.close();

            assertThat(registry.scrape())
                    .contains("claude_request_duration_count{method=\"chat\",status_code=\"200\"} 1")
                    .contains("kimi_connection_pool{state=\"max\"} 100.0");
        }
    }
}
