package dev.kimi.samples.benchmark.gateway;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What to measure.
 *
 * @param gateways which: {@code kimi}, {@code portkey}, {@code router}
 * @param jar our gateway, packaged
 * @param npm a folder with the other gateways installed
 * @param warmUp of each gateway before its figures
 * @param time of each measurement
 * @param rate calls a second where latency is measured
 * @param inFlight calls at a time where CPU time is measured
 * @param streams open at a time where memory is measured; the first number for all gateways, the others for ours alone
 * @param jvm arguments of our gateway's JVM
 */
record GatewayOptions(
        Set<String> gateways,
        Path jar,
        Path npm,
        Duration warmUp,
        Duration time,
        int rate,
        int inFlight,
        List<Integer> streams,
        List<String> jvm) {

    private static final Map<String, String> DEFAULTS = new LinkedHashMap<>();

    static {
        DEFAULTS.put("--gateways", "kimi,portkey,router");
        DEFAULTS.put("--jar", "kimi-gateway/target/kimi-gateway.jar");
        DEFAULTS.put("--npm", "target/gateways");
        DEFAULTS.put("--warm-up", "20");
        DEFAULTS.put("--seconds", "15");
        DEFAULTS.put("--rate", "200");
        DEFAULTS.put("--in-flight", "32");
        DEFAULTS.put("--streams", "1000,5000");
        DEFAULTS.put("--jvm", "-Xmx512m");
    }

    static GatewayOptions parse(String... args) {
        Map<String, String> values = new LinkedHashMap<>(DEFAULTS);
        for (String arg : args) {
            String[] parts = arg.split("=", 2);
            if (parts.length < 2 || values.replace(parts[0], parts[1]) == null) {
                throw new IllegalArgumentException(arg + " is none of " + DEFAULTS);
            }
        }
        return new GatewayOptions(
                Set.of(value(values, "--gateways").split(",")),
                Path.of(value(values, "--jar")).toAbsolutePath(),
                Path.of(value(values, "--npm")).toAbsolutePath(),
                Duration.ofSeconds(Integer.parseInt(value(values, "--warm-up"))),
                Duration.ofSeconds(Integer.parseInt(value(values, "--seconds"))),
                Integer.parseInt(value(values, "--rate")),
                Integer.parseInt(value(values, "--in-flight")),
                Arrays.stream(value(values, "--streams").split(","))
                        .map(Integer::valueOf)
                        .toList(),
                List.of(value(values, "--jvm").split(" ")));
    }

    private static String value(Map<String, String> values, String name) {
        return Objects.requireNonNull(values.get(name));
    }
}
