package dev.kimi.samples.benchmark;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Latency;
import java.io.IOException;
import java.time.Duration;

/**
 * The service, in a process of its own so that its CPU time is not the client's: prints where it listens and ends with
 * its standard input.
 */
final class BenchmarkServer {

    private BenchmarkServer() {}

    /** Takes the pause between two events in milliseconds, and the number of events of an answer. */
    public static void main(String[] args) throws IOException {
        int gapMillis = Integer.parseInt(args[0]);
        int tokens = Integer.parseInt(args[1]);
        Latency latency = gapMillis == 0
                ? Latency.none()
                : Latency.of(Duration.ofMillis(gapMillis), Duration.ofMillis(gapMillis));
        try (KimiSimulator simulator = KimiSimulator.builder()
                .recordedRequests(0)
                .gzip(false)
                .validation(false)
                .latency(latency.withTokens(tokens).withReasoningTokens(0))
                .start()) {
            System.out.println(simulator.baseUrl());
            while (System.in.read() >= 0) {
                // Whoever started this process holds the other end, and closes it with its own death at the latest.
            }
        }
    }
}
