package dev.kimi.samples.benchmark;

import dev.kimi.chat.Provenance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What to measure.
 *
 * @param protocol that the client and the service speak, {@code openai} or {@code anthropic}
 * @param inFlight calls at a time
 * @param streams numbers of streams to hold open, one measurement each
 * @param eventsPerSecond most events a second in all, by which the pause between the events of a stream is chosen;
 *     never below 20 ms
 * @param warmUp before each measurement
 * @param measured length of each measurement
 */
record Options(
        String protocol, int inFlight, List<Integer> streams, int eventsPerSecond, Duration warmUp, Duration measured) {

    private static final int SHORTEST_GAP_MILLIS = 20;
    private static final Set<String> PROTOCOLS = Set.of(Provenance.OPENAI, Provenance.ANTHROPIC);

    Options {
        if (!PROTOCOLS.contains(protocol)) {
            throw new IllegalArgumentException(
                    "--protocol=" + protocol + " is neither " + Provenance.OPENAI + " nor " + Provenance.ANTHROPIC);
        }
    }

    static Options parse(String... args) {
        String protocol = Provenance.OPENAI;
        int inFlight = 64;
        List<Integer> streams = List.of(1_000, 10_000);
        int eventsPerSecond = 50_000;
        Duration warmUp = Duration.ofSeconds(10);
        Duration measured = Duration.ofSeconds(10);
        for (String arg : args) {
            String[] parts = arg.split("=", 2);
            String value = parts.length == 2 ? parts[1] : "";
            switch (parts[0]) {
                case "--protocol" -> protocol = value;
                case "--in-flight" -> inFlight = Integer.parseInt(value);
                case "--streams" -> streams = numbers(value);
                case "--events-per-second" -> eventsPerSecond = Integer.parseInt(value);
                case "--warm-up" -> warmUp = Duration.ofSeconds(Integer.parseInt(value));
                case "--seconds" -> measured = Duration.ofSeconds(Integer.parseInt(value));
                default ->
                    throw new IllegalArgumentException(
                            arg + " is none of --protocol=, --in-flight=, --streams=, --events-per-second=, --warm-up=,"
                                    + " --seconds=");
            }
        }
        return new Options(protocol, inFlight, streams, eventsPerSecond, warmUp, measured);
    }

    int gapMillis(int open) {
        return Math.max(SHORTEST_GAP_MILLIS, 1_000 * open / eventsPerSecond);
    }

    private static List<Integer> numbers(String list) {
        List<Integer> numbers = new ArrayList<>();
        for (String number : list.split(",")) {
            numbers.add(Integer.valueOf(number));
        }
        return numbers;
    }
}
