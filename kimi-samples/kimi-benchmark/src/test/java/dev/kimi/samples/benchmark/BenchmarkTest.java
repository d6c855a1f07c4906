package dev.kimi.samples.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class BenchmarkTest {

    @Test
    void measures_every_form_and_nothing_fails() throws Exception {
        Options small = new Options(4, List.of(10), 50_000, Duration.ofMillis(200), Duration.ofMillis(500));

        String report = Benchmark.run(small);

        List<String> rows = report.lines().filter(line -> line.startsWith("| ")).toList();
        assertThat(rows).anyMatch(row -> row.startsWith("| asynchronous | "));
        assertThat(rows).anyMatch(row -> row.startsWith("| platform threads | "));
        assertThat(rows).anyMatch(row -> row.startsWith("| 10 | 20 ms | "));
        assertThat(rows)
                .filteredOn(row -> row.contains(" us |") && !row.contains("wanted"))
                .allMatch(row -> row.endsWith("| 0 |"));
    }

    @Test
    void many_streams_share_the_events_that_are_offered() {
        Options options = Options.parse("--streams=5,10000", "--seconds=3");

        assertThat(options.streams()).containsExactly(5, 10_000);
        assertThat(options.gapMillis(1_000)).isEqualTo(20);
        assertThat(options.gapMillis(10_000)).isEqualTo(200);
    }
}
