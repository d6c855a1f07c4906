package dev.kimi.samples.benchmark.failover;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

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
        Map<String, String> values = new LinkedHashMap<>(DEFAULTS);
        for (String arg : args) {
            String[] parts = arg.split("=", 2);
            if (parts.length < 2 || values.replace(parts[0], parts[1]) == null) {
                throw new IllegalArgumentException(arg + " is none of " + DEFAULTS);
            }
        }
        return new FailoverOptions(
                Arrays.stream(value(values, "--faults").split(","))
                        .map(Fault::of)
                        .toList(),
                Load.Form.valueOf(value(values, "--load").toUpperCase(Locale.ROOT)),
                Integer.parseInt(value(values, "--rate")),
                value(values, "--service").equals("haproxy"),
                value(values, "--http"),
                Integer.parseInt(value(values, "--connections")),
                new Times(
                        seconds(values, "--warm-up"),
                        seconds(values, "--before"),
                        seconds(values, "--seconds"),
                        seconds(values, "--back"),
                        seconds(values, "--headers"),
                        seconds(values, "--whole")));
    }

    private static Duration seconds(Map<String, String> values, String name) {
        return Duration.ofSeconds(Integer.parseInt(value(values, name)));
    }

    private static String value(Map<String, String> values, String name) {
        return Objects.requireNonNull(values.get(name));
    }
}
