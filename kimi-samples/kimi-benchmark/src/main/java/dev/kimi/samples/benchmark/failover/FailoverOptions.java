package dev.kimi.samples.benchmark.failover;

import dev.kimi.samples.benchmark.internal.Arguments;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What to measure.
 *
 * @param faults one run for each
 * @param form streams, calls that are not streamed, or both in turn
 * @param perSecond calls a second
 * @param haproxy whether HAProxy stands before Kimi, where it is installed
 * @param http {@code http1} or {@code h2}
 * @param connections most connections to each service
 * @param times how long what lasts
 */
record FailoverOptions(
        List<Fault> faults, Load.Form form, int perSecond, boolean haproxy, String http, int connections, Times times) {

    private static final Map<String, String> DEFAULTS = new LinkedHashMap<>();

    static {
        DEFAULTS.put(
                "--faults",
                String.join(",", Arrays.stream(Fault.values()).map(Fault::word).toList()));
        DEFAULTS.put("--load", "mixed");
        DEFAULTS.put("--rate", "500");
        DEFAULTS.put("--service", "haproxy");
        DEFAULTS.put("--http", "http1");
        DEFAULTS.put("--connections", "2000");
        DEFAULTS.put("--warm-up", "16");
        DEFAULTS.put("--before", "2");
        DEFAULTS.put("--seconds", "10");
        DEFAULTS.put("--back", "70");
        DEFAULTS.put("--headers", "60");
        DEFAULTS.put("--whole", "15");
    }

    /**
     * In seconds.
     *
     * @param warmUp of a run that is not reported
     * @param before the fault
     * @param fault as long as it lasts
     * @param back until the return is waited for no longer
     * @param headers the client's limit for the head of a stream
     * @param whole the client's limit for a response that is not streamed
     */
    record Times(Duration warmUp, Duration before, Duration fault, Duration back, Duration headers, Duration whole) {}

    static FailoverOptions parse(String... args) {
        Arguments values = new Arguments(DEFAULTS, args);
        return new FailoverOptions(
                Arrays.stream(values.text("--faults").split(",")).map(Fault::of).toList(),
                Load.Form.valueOf(values.text("--load").toUpperCase(Locale.ROOT)),
                values.number("--rate"),
                values.text("--service").equals("haproxy"),
                values.text("--http"),
                values.number("--connections"),
                new Times(
                        values.seconds("--warm-up"),
                        values.seconds("--before"),
                        values.seconds("--seconds"),
                        values.seconds("--back"),
                        values.seconds("--headers"),
                        values.seconds("--whole")));
    }
}
