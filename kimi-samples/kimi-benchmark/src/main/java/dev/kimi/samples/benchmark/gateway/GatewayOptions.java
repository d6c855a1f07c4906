package dev.kimi.samples.benchmark.gateway;

import dev.kimi.samples.benchmark.internal.Arguments;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What to measure.
 *
 * @param gateways which: {@code kimi}, {@code portkey}, {@code router}
 * @param jar our gateway, packaged
 * @param npm a folder with the other gateways installed
 * @param warmUp of each gateway before its figures, with calls and again with streams
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
        DEFAULTS.put("--warm-up", "60");
        DEFAULTS.put("--seconds", "15");
        DEFAULTS.put("--rate", "200");
        DEFAULTS.put("--in-flight", "32");
        DEFAULTS.put("--streams", "1000,5000");
        DEFAULTS.put("--jvm", "-Xmx512m");
    }

    static GatewayOptions parse(String... args) {
        Arguments values = new Arguments(DEFAULTS, args);
        return new GatewayOptions(
                Set.of(values.text("--gateways").split(",")),
                Path.of(values.text("--jar")).toAbsolutePath(),
                Path.of(values.text("--npm")).toAbsolutePath(),
                values.seconds("--warm-up"),
                values.seconds("--seconds"),
                values.number("--rate"),
                values.number("--in-flight"),
                Arrays.stream(values.text("--streams").split(","))
                        .map(Integer::valueOf)
                        .toList(),
                List.of(values.text("--jvm").split(" ")));
    }
}
