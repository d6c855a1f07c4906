package dev.kimi.test;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;

/**
 * Runs a simulator in a process of its own until that process is ended, or its standard input. The first line it prints
 * is the base URL.
 */
final class KimiSimulatorMain {

    private static final String USAGE = "options: --port N, --ttft MS, --gap MS, --tokens N, --sigma X, --seed N,"
            + " --reasoning N, --concurrency N, --rpm N, --tpm N, --tpd N, --record N, --no-validation, --no-gzip,"
            + " --until-eof, --certificate FILE (speaks TLS and writes its certificate there)";

    private final KimiSimulator.Builder builder = KimiSimulator.builder().recordedRequests(0);
    private long ttftMillis;
    private long gapMillis;
    private int tokens = 100;
    private double sigma;
    private long seed = 1;
    private int reasoning;
    private AccountLimits limits = AccountLimits.none();
    private String certificate = "";
    private boolean untilEof;

    private KimiSimulatorMain() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        KimiSimulatorMain main = new KimiSimulatorMain();
        Iterator<String> words = List.of(arguments).iterator();
        while (words.hasNext()) {
            main.option(words);
        }
        main.run();
    }

    private void option(Iterator<String> words) {
        String option = words.next();
        switch (option) {
            case "--no-validation" -> builder.validation(false);
            case "--no-gzip" -> builder.gzip(false);
            case "--until-eof" -> untilEof = true;
            default -> {
                if (!words.hasNext()) {
                    throw new IllegalArgumentException(option + " is unknown or lacks its value; " + USAGE);
                }
                value(option, words.next());
            }
        }
    }

    private void value(String option, String value) {
        switch (option) {
            case "--port" -> builder.port(Integer.parseInt(value));
            case "--ttft" -> ttftMillis = Long.parseLong(value);
            case "--gap" -> gapMillis = Long.parseLong(value);
            case "--tokens" -> tokens = Integer.parseInt(value);
            case "--sigma" -> sigma = Double.parseDouble(value);
            case "--seed" -> seed = Long.parseLong(value);
            case "--reasoning" -> reasoning = Integer.parseInt(value);
            case "--concurrency" -> limits = limits.withConcurrency(Integer.parseInt(value));
            case "--rpm" -> limits = limits.withRequestsPerMinute(Integer.parseInt(value));
            case "--tpm" -> limits = limits.withTokensPerMinute(Long.parseLong(value));
            case "--tpd" -> limits = limits.withTokensPerDay(Long.parseLong(value));
            case "--certificate" -> certificate = value;
            case "--record" -> builder.recordedRequests(Integer.parseInt(value));
            default -> throw new IllegalArgumentException(option + " is unknown; " + USAGE);
        }
    }

    private void run() throws IOException, InterruptedException {
        Latency latency = Latency.of(Duration.ofMillis(ttftMillis), Duration.ofMillis(gapMillis))
                .withReasoningTokens(reasoning);
        builder.latency(sigma > 0 ? latency.withTokens(tokens, sigma, seed) : latency.withTokens(tokens));
        builder.limits(limits);
        if (!certificate.isEmpty()) {
            builder.tls();
        }
        try (KimiSimulator kimi = builder.start();
                PrintStream out =
                        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8)) {
            if (!certificate.isEmpty()) {
                Files.writeString(Path.of(certificate), kimi.certificatePem());
            }
            out.println(kimi.baseUrl());
            waitForTheEnd();
        }
    }

    private void waitForTheEnd() throws IOException, InterruptedException {
        if (untilEof) {
            System.in.readAllBytes();
        } else {
            Thread.currentThread().join();
        }
    }
}
