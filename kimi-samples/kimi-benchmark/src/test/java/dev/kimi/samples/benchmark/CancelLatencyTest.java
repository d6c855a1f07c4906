package dev.kimi.samples.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class CancelLatencyTest {

    @Test
    void measures_both_versions_before_and_after_the_first_event() throws Exception {
        String report = CancelLatency.report(20);

        assertThat(report.lines().filter(line -> line.endsWith(" ms |"))).hasSize(4);
    }
}
