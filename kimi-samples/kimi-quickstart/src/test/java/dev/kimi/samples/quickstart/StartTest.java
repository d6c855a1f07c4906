package dev.kimi.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.error.ConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.ConfigurableApplicationContext;

@Timeout(120)
class StartTest {

    @ParameterizedTest
    @ValueSource(strings = {"429", "418:0.1", "429:x", "429:-1", "429:NaN", "stall:1e99", "429:0.6,503:0.6"})
    void faults_that_mean_nothing_stop_the_start(String faults) {
        assertThatThrownBy(() -> new Application("--kimi.quickstart.faults=" + faults))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("429:0.05,503:0.02,stall:1");
    }

    @Test
    void with_a_key_nothing_is_simulated() {
        String[] args = {
            "--server.port=0",
            "--kimi.api-key=sk-test",
            "--kimi.base-url=http://127.0.0.1:1",
            "--kimi.quickstart.question="
        };
        try (ConfigurableApplicationContext context =
                QuickstartApplication.application(args).run(args)) {
            assertThat(context.containsBean("kimiSimulator")).isFalse();
            assertThat(context.getEnvironment().getProperty("kimi.base-url")).isEqualTo("http://127.0.0.1:1");
        }
    }
}
