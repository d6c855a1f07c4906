package dev.kimi.samples.bulk;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.error.ConfigurationException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class StartTest {

    @ParameterizedTest
    @ValueSource(strings = {"429", "418:0.1", "429:x", "429:-1", "429:NaN", "stall:1e99", "429:0.6,503:0.6"})
    void faults_that_mean_nothing_stop_the_start(String faults) {
        assertThatThrownBy(() -> BulkApplication.application().run("--kimi.api-key=", "--faults=" + faults))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("429:0.05,503:0.02,stall:1");
    }
}
