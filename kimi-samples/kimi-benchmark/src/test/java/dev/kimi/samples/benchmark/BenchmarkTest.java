package dev.kimi.samples.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class BenchmarkTest {

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void measures_every_form_and_nothing_fails(String protocol) throws Exception {
        Options small = new Options(protocol, 4, List.of(10), 50_000, Duration.ofMillis(200), Duration.ofMillis(500));

        String report = Benchmark.run(small);

        assertThat(report).startsWith("Protocol " + protocol + ", Java ");
        List<String> rows = report.lines().filter(line -> line.startsWith("| ")).toList();
        assertThat(rows).anyMatch(row -> row.startsWith("| asynchronous | "));
        assertThat(rows).anyMatch(row -> row.startsWith("| platform threads | "));
        assertThat(rows).anyMatch(row -> row.startsWith("| 10 | 20 ms | "));
        assertThat(rows)
                .filteredOn(row -> row.contains(" us |") && !row.contains("wanted"))
                .allMatch(row -> row.endsWith("| 0 |"));
    }

    @Test
    void a_protocol_that_nobody_speaks_is_named() {
        assertThat(Options.parse().protocol()).isEqualTo("openai");
        assertThat(Options.parse("--protocol=anthropic").protocol()).isEqualTo("anthropic");
        assertThatThrownBy(() -> Options.parse("--protocol=claude"))
                .hasMessage("--protocol=claude is neither openai nor anthropic");
    }

    @Test
    void many_streams_share_the_events_that_are_offered() {
        Options options = Options.parse("--streams=5,10000", "--seconds=3");

        assertThat(options.streams()).containsExactly(5, 10_000);
        assertThat(options.gapMillis(1_000)).isEqualTo(20);
        assertThat(options.gapMillis(10_000)).isEqualTo(200);
    }
}
