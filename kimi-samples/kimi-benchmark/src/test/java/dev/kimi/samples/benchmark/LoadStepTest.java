package dev.kimi.samples.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class LoadStepTest {

    @Test
    void measures_both_versions() throws Exception {
        String report = LoadStep.report(5, Duration.ofSeconds(1));

        assertThat(report.lines().filter(line -> line.endsWith("| 0 |"))).hasSize(2);
    }
}
