package dev.kimi.observability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.Diagnostics;
import dev.kimi.event.CallEvent;
import dev.kimi.test.FakeCall;
import dev.kimi.transport.PoolState;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the documentation, the dashboard and the alerts say about meters is what a scrape says. */
class MonitoringDocsTest {

    private static final Pattern SERIES = Pattern.compile("\\b(?:claude|kimi)_[a-z_]+");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(?:=~|!=|!~|=)\\s*\\\\?\"([^\"\\\\]*)\\\\?\"");
    private static final Pattern LABELS = Pattern.compile("(?<!\\$)\\{([^{}]*)\\}");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Calls calls = new Calls(MicrometerCallListener.meters(registry));

    @Test
    void the_scrape_in_the_guide_is_a_real_one() throws IOException {
        calls.responded("chat", 200, Duration.ofMillis(42));
        calls.failed("chat", Duration.ofMillis(1300), FailuresOfEachKind.server(503));
        new ConnectionPoolMetrics(registry)
                .add(new StillClient("default")
                        .pool(PoolState.builder()
                                .active(1)
                                .idle(3)
                                .pending(0)
                                .max(100)
                                .exchanges(1)
                                .build()));

        String scrape = registry.scrape()
                .lines()
                .filter(line -> line.contains("claude_request_duration") || line.contains("kimi_connection_pool"))
                .collect(Collectors.joining("\n", "\n", "\n"));

        String page = read("observability.md");
        String block = page.substring(page.indexOf("<!-- scrape -->\n```text\n") + 23);
        assertThat(block.substring(0, block.indexOf("```"))).isEqualTo(scrape);
    }

    @Test
    void the_table_in_the_guide_lists_every_meter_with_its_tags() throws IOException {
        List<String> rows = read("observability.md").lines().toList();

        assertThat(KimiMeter.values())
                .allSatisfy(meter -> assertThat(rows)
                        .as(meter.getName())
                        .anySatisfy(row -> assertThat(row)
                                .startsWith("| `" + meter.getName() + "` | ")
                                .contains(" | " + tags(meter) + " | ")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "observability.md",
                "monitoring/grafana-dashboard.json",
                "monitoring/alerts.yml",
                "monitoring/alerts-test.yml"
            })
    void every_series_that_is_named_exists(String page) throws IOException {
        everythingHappens();
        Set<String> names = names(registry.scrape());
        List.copyOf(names).forEach(name -> names.add(name.replaceAll("_(bucket|count|sum|max|total)$", "")));

        Set<String> named = names(read(page));
        named.removeIf(name -> name.equals("kimi_client_") || name.equals("kimi_"));
        assertThat(named).isNotEmpty();
        assertThat(names).containsAll(named);
    }

    @ParameterizedTest
    @ValueSource(strings = {"monitoring/grafana-dashboard.json", "monitoring/alerts.yml"})
    void every_label_and_bound_that_is_matched_exists(String page) throws IOException {
        everythingHappens();
        String scrape = registry.scrape();

        List<MatchResult> matched = LABELS.matcher(read(page))
                .results()
                .flatMap(labels -> MATCHER.matcher(labels.group(1)).results())
                .toList();
        assertThat(matched).hasSizeGreaterThan(5).allSatisfy(match -> {
            assertThat(scrape).contains(match.group(1) + "=\"");
            if (match.group(1).equals("le") || match.group(1).equals("state")) {
                assertThat(scrape).contains(match.group(1) + "=\"" + match.group(2) + "\"");
            }
        });
    }

    private void everythingHappens() {
        FakeCall call = calls.start("stream");
        Calls.retry(call, FailuresOfEachKind.server(503));
        call.attempt()
                .failed(FailuresOfEachKind.server(503))
                .rerouted("default", "claude", CallEvent.Rerouted.Reason.FAILURE);
        call.hedged("default", "claude", Duration.ofMillis(50), "claude");
        call.attempt().pass(Duration.ofMillis(90)).firstEvent().responded(200).succeed();
        new ConnectionPoolMetrics(registry)
                .add(new StillClient("default")
                        .circuits(new Diagnostics.Circuit("claude", "c", Diagnostics.Circuit.State.OPEN)));
    }

    private static String tags(KimiMeter meter) {
        return Arrays.stream(meter.getKeyNames())
                .map(key -> "`" + key.asString().replace('.', '_') + "`")
                .collect(Collectors.joining(", "));
    }

    private static Set<String> names(String text) {
        try (Stream<MatchResult> found = SERIES.matcher(text).results()) {
            return found.map(MatchResult::group).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static String read(String page) throws IOException {
        // Surefire sets basedir; an IDE runs the tests inside the module.
        Path module = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
        return Files.readString(module.resolveSibling("docs").resolve(page));
    }
}
