package dev.kimi.samples.benchmark.failover;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Latency;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Kimi and Claude, simulated, in a process of their own. The first line printed has their two base URLs; then each
 * command on the standard input gets one line. It ends with its input.
 */
final class ServicesMain {

    /** All that Kimi says, so that it is known who did. */
    static final String KIMI_LETTER = "k";

    static final String CLAUDE_LETTER = "c";

    private static final int REMEMBERED = 200_000;
    private static final Latency PACE = Latency.of(Duration.ofMillis(20), Duration.ofMillis(2));
    private static final Pattern CALL = Pattern.compile("Call (\\d+)\\.");
    private static final Reply KIMI = text(KIMI_LETTER).usage(2_000, 20, 1_800);
    /** A conversation that moves has nothing in the cache there. */
    private static final Reply CLAUDE = text(CLAUDE_LETTER).usage(2_000, 20, 0);

    private final List<ReceivedRequest> earlier = new ArrayList<>();
    private final KimiSimulator claude = builder().start().otherwise(CLAUDE);
    private KimiSimulator kimi = builder().start().otherwise(KIMI);

    private ServicesMain() {}

    public static void main(String[] args) throws IOException {
        new ServicesMain().run();
    }

    private static Reply text(String letter) {
        return Reply.text((letter.repeat(3) + " ").repeat(12));
    }

    private static KimiSimulator.Builder builder() {
        return KimiSimulator.builder().latency(PACE).recordedRequests(REMEMBERED);
    }

    private void run() throws IOException {
        System.out.println(kimi.baseUrl() + " " + claude.baseUrl());
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            System.out.println(done(line.split(" ")));
        }
        kimi.close();
        claude.close();
    }

    private String done(String... command) {
        return switch (command[0]) {
            case "begin" -> begin(Fault.of(command[1]));
            case "end" -> end(Fault.of(command[1]));
            case "billing" -> billing();
            default -> throw new IllegalArgumentException(command[0] + " is none of begin, end, billing");
        };
    }

    private String begin(Fault fault) {
        if (fault.closesPort()) {
            kimi.close();
            earlier.addAll(kimi.requests());
        } else {
            kimi.otherwise(reply(fault));
        }
        return "ok";
    }

    private String end(Fault fault) {
        if (fault.closesPort()) {
            kimi = builder().port(kimi.port()).start();
        }
        kimi.otherwise(KIMI);
        return "ok";
    }

    private static Reply reply(Fault fault) {
        return switch (fault) {
            case UNAVAILABLE -> Reply.unavailable();
            case SILENCE -> KIMI.stallBeforeHeaders();
            case LIMITED -> Reply.rateLimited(Duration.ofHours(1));
            case CUT_HEAD -> KIMI.cutAfterBytes(0);
            case CUT_CONTENT -> KIMI.cutAfterEvents(4);
            case NONE, REFUSED, KILLED -> KIMI;
        };
    }

    /** Numbers of the calls that responses were begun and completed for since the last one, and forgets them. */
    private String billing() {
        earlier.addAll(kimi.requests());
        String all = numbers(earlier, request -> true)
                + numbers(earlier, request -> isComplete(request))
                + numbers(claude.requests(), request -> true)
                + numbers(claude.requests(), request -> isComplete(request));
        earlier.clear();
        kimi.reset();
        claude.reset();
        kimi.otherwise(KIMI);
        claude.otherwise(CLAUDE);
        return all;
    }

    private static boolean isComplete(ReceivedRequest request) {
        return request.ending() == ReceivedRequest.Ending.COMPLETED;
    }

    private static String numbers(List<ReceivedRequest> requests, Predicate<ReceivedRequest> which) {
        return requests.stream()
                .filter(request -> request.status() == 200)
                .filter(which)
                .map(request -> CALL.matcher(request.bodyText()))
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .collect(Collectors.joining(",", "", ";"));
    }
}
