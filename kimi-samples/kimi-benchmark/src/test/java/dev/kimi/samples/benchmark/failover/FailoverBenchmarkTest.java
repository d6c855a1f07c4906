package dev.kimi.samples.benchmark.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What must come of each fault, however long it takes. */
@Timeout(300)
class FailoverBenchmarkTest {

    private static final String[] SMALL = {"--rate=30", "--warm-up=1", "--before=1", "--seconds=1", "--back=60"};

    @Test
    void when_kimi_is_down_no_call_fails_and_all_return() throws Exception {
        List<Figures> figures =
                FailoverBenchmark.run(options("--service=simulator", "--faults=none,refused,unavailable"));

        assertThat(figures).hasSize(3).allSatisfy(FailoverBenchmarkTest::keepsWhatIsPromised);
        assertThat(FailoverBenchmark.report(options("--service=simulator"), figures)
                        .toString())
                .contains("30 calls/s (mixed)", "| wanted | | 0 |", "| connect refused | ", "| 503 | ");
    }

    @Test
    void when_kimi_cuts_streams_those_without_content_go_on_at_claude() throws Exception {
        List<Figures> figures = FailoverBenchmark.run(
                options("--service=simulator", "--load=streams", "--faults=cut-head,cut-content"));

        assertThat(figures).hasSize(2).allSatisfy(FailoverBenchmarkTest::keepsWhatIsPromised);
        assertThat(figures.get(0).failures()).isEmpty();
    }

    @Test
    void when_kimi_is_silent_no_stream_fails() throws Exception {
        List<Figures> figures =
                FailoverBenchmark.run(options("--service=simulator", "--faults=silence", "--headers=8", "--whole=8"));

        assertThat(figures).singleElement().satisfies(FailoverBenchmarkTest::keepsWhatIsPromised);
    }

    @Test
    void haproxy_before_it_may_stop_die_or_respond_in_its_own_way() throws Exception {
        boolean required = Boolean.getBoolean("kimi.haproxy.required");
        Assumptions.assumeTrue(required || Haproxy.executable() != null, "haproxy is not installed");
        assertThat(Haproxy.executable()).as("haproxy, which is required").isNotNull();

        List<Figures> figures = FailoverBenchmark.run(options("--http=h2", "--faults=refused,killed,unavailable"));

        assertThat(figures).hasSize(3).allSatisfy(FailoverBenchmarkTest::keepsWhatIsPromised);
    }

    /** A service that asks for an hour gets a request after a minute, which is not waited for. */
    @Test
    void while_kimi_asks_for_an_hour_claude_responds() throws Exception {
        List<Figures> figures =
                FailoverBenchmark.run(options("--service=simulator", "--faults=limited", "--back=1", "--load=streams"));

        assertThat(figures).singleElement().satisfies(limited -> {
            assertThat(limited.failures()).isEmpty();
            assertThat(limited.billing().begunByClaude()).isNotEmpty();
            assertThat(limited.billing().begunTwice()).isZero();
        });
    }

    @Test
    void an_option_that_there_is_not_is_named_with_those_there_are() {
        assertThat(FailoverOptions.parse("--load=whole", "--rate=7").perSecond())
                .isEqualTo(7);
        assertThatThrownBy(() -> FailoverOptions.parse("--fault=silence"))
                .hasMessageStartingWith("--fault=silence is none of {--faults=none,refused,");
    }

    private static FailoverOptions options(String... more) {
        return FailoverOptions.parse(Stream.of(SMALL, more).flatMap(Stream::of).toArray(String[]::new));
    }

    private static void keepsWhatIsPromised(Figures figures) {
        String fault = figures.fault().label() + " " + figures.failures();
        assertThat(figures.calls()).as(fault).isGreaterThan(30);
        assertThat(figures.failed()).as(fault).isZero();
        assertThat(figures.deliveredTwice()).as(fault).isZero();
        assertThat(figures.secondsToReturn()).as(fault).isNotNull();
        if (figures.fault() != Fault.NONE) {
            assertThat(figures.billing().begunByClaude()).as(fault).isNotEmpty();
        }
    }
}
