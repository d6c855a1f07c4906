package dev.kimi.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Thousands of schedules of routes with two and three endpoints: keys of one service, and other services with names of
 * their own for models, of which one after the other is out of order for a while. Takes the same system properties as
 * {@link SimulationTest}, but for the number of schedules, which is {@code kimi.sim.routes}.
 */
class RouteSimulationTest {

    private static final int ENOUGH = 2_500;
    private static final long SCHEDULES = Long.getLong("kimi.sim.routes", ENOUGH);
    private static final long BASE = Long.getLong("kimi.sim.base", 20_261_127);

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
    void every_schedule_of_a_route_keeps_every_promise() {
        Long seed = Long.getLong("kimi.sim.seed");
        if (seed != null) {
            Schedule.Result result = Schedule.ofRoutes(seed, true);
            assertThat(result.complaint()).as(result.trace()).isNull();
            System.out.print(result.trace());
            return;
        }
        TreeMap<String, Integer> seen = new TreeMap<>();
        for (long next = BASE; next < BASE + SCHEDULES; next++) {
            Schedule.Result result = Schedule.ofRoutes(next, false);
            result.calls().forEach(call -> call.record().path().count(seen));
            if (result.complaint() != null) {
                SimulationTest.explain("RouteSimulationTest", Schedule.ofRoutes(next, true), next, next - BASE + 1);
            }
        }
        if (SCHEDULES >= ENOUGH) {
            assertThat(seen)
                    .containsKeys(
                            "calls",
                            "began elsewhere CIRCUIT_OPEN",
                            "began silently at another key",
                            "went CIRCUIT_OPEN",
                            "went FAILURE",
                            "went to the last resort",
                            "went WAIT",
                            "went WAIT for quota",
                            "left a silent service",
                            "lost a cache of known price",
                            "probes",
                            "came long after all was well");
        }
        if (SCHEDULES != ENOUGH) {
            System.out.println(SCHEDULES + " schedules from " + BASE + ": " + seen);
        }
    }
}
