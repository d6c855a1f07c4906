package dev.kimi.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.kimi.error.KimiException;
import dev.kimi.error.RejectedException;
import dev.kimi.event.CallEvent;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Thousands of schedules, each drawn from a seed of its own. Another number of them comes with
 * {@code -Dkimi.sim.schedules}, other ones with {@code -Dkimi.sim.base}, and a single one with {@code -Dkimi.sim.seed}.
 */
class SimulationTest {

    private static final int ENOUGH = 10_000;
    private static final long SCHEDULES = Long.getLong("kimi.sim.schedules", ENOUGH);
    private static final long BASE = Long.getLong("kimi.sim.base", 20_261_123);

    /** Plug-ins that throw are logged as they should be, thousands of times. */
    private final Logger logger = Logger.getLogger("dev.kimi");

    @BeforeEach
    void silence() {
        logger.setLevel(Level.OFF);
    }

    @AfterEach
    void speak() {
        logger.setLevel(null);
    }

    @Test
    void every_schedule_keeps_every_promise() {
        Long seed = Long.getLong("kimi.sim.seed");
        if (seed != null) {
            Schedule.Result result = Schedule.of(seed, true);
            assertThat(result.complaint()).as(result.trace()).isNull();
            System.out.print(result.trace());
            return;
        }
        Tally tally = new Tally();
        for (long next = BASE; next < BASE + SCHEDULES; next++) {
            Schedule.Result result = Schedule.of(next, false);
            tally.add(result);
            if (result.complaint() != null) {
                explain("SimulationTest", Schedule.of(next, true), next, next - BASE + 1);
            }
        }
        if (SCHEDULES >= ENOUGH) {
            tally.assertNothingIsMissing();
        }
        if (SCHEDULES != ENOUGH) {
            System.out.println(tally);
        }
    }

    static void explain(String test, Schedule.Result broken, long seed, long schedules) {
        fail(
                "Schedule %d broke a promise, %s.%n%n%s%nThis was schedule number %d. To run it alone:%n"
                        + "  ./mvnw -pl kimi-core -am test -Dtest=%s -Dsurefire.failIfNoSpecifiedTests=false"
                        + " -Dkimi.sim.seed=%d%n",
                seed, broken.complaint(), broken.trace(), schedules, test, seed);
    }

    @Test
    void a_seed_gives_the_same_schedule_to_the_letter() {
        for (long seed = BASE; seed < BASE + 300; seed++) {
            assertThat(Schedule.of(seed, true).trace())
                    .isEqualTo(Schedule.of(seed, true).trace());
        }
    }

    /** What was simulated, so that nobody mistakes ten thousand calm days for a test. */
    private static final class Tally {
        private final Map<String, Integer> ends = new TreeMap<>();
        /** How the calls whose last exchange was in that protocol ended. */
        private final Map<Dialect, Map<String, Integer>> byDialect = new EnumMap<>(Dialect.class);

        private long calls;
        private long attempts;
        private long steps;

        void add(Schedule.Result result) {
            steps += result.steps();
            for (SimCall call : result.calls()) {
                CallEvent.Finished end = call.record().finished();
                if (end != null) {
                    calls++;
                    attempts += end.attempts();
                    KimiException failure = end.failure();
                    ends.merge(nameOf(failure), 1, Integer::sum);
                    SimExchange last = call.exchange();
                    if (last != null) {
                        byDialect
                                .computeIfAbsent(last.dialect(), dialect -> new TreeMap<>())
                                .merge(nameOf(failure), 1, Integer::sum);
                    }
                }
            }
        }

        private static String nameOf(@Nullable KimiException failure) {
            return failure == null
                    ? "success"
                    : failure instanceof RejectedException rejected
                            ? rejected.reason().name()
                            : failure.getClass().getSimpleName();
        }

        void assertNothingIsMissing() {
            assertThat(ends)
                    .containsKeys(
                            "success",
                            "AuthenticationException",
                            "CallCancelledException",
                            "ContentFilteredException",
                            "DeadlineExceededException",
                            "InvalidRequestException",
                            "OverloadedException",
                            "PermissionException",
                            "QuotaExceededException",
                            "RateLimitException",
                            "ServerException",
                            "TransportException",
                            "TruncatedStreamException")
                    .containsKeys(Stream.of(RejectedException.Reason.values())
                            // a chat has its body in memory
                            .filter(reason -> reason != RejectedException.Reason.BODY_NOT_REPLAYABLE)
                            .map(Enum::name)
                            .toArray(String[]::new));
            for (Dialect dialect : Dialect.values()) {
                assertThat(byDialect.get(dialect))
                        .as("%s", dialect)
                        .containsKeys(
                                "success",
                                "AuthenticationException",
                                "ContentFilteredException",
                                "InvalidRequestException",
                                "OverloadedException",
                                "PermissionException",
                                "QuotaExceededException",
                                "RateLimitException",
                                "ServerException",
                                "TransportException",
                                "TruncatedStreamException");
            }
        }

        @Override
        public String toString() {
            return calls + " calls, " + attempts + " attempts, " + steps + " events; " + ends + "; " + byDialect;
        }
    }
}
