package dev.kimi.samples.quickstart.simulator;

import dev.kimi.test.FaultMix;
import dev.kimi.test.Reply;
import java.time.Duration;

/** Reads which faults the simulator is to show: {@code 429:0.05,503:0.02,stall:1}. */
final class Faults {

    private static final long SEED = 42;
    private static final long FIRST_AT = 37;
    private static final long APART = 53;
    private static final String FORM = "kimi.quickstart.faults must look like 429:0.05,503:0.02,stall:1 (a share of all"
            + " requests below 1, or a number of requests; 429, 503, 500, cut, stall)";

    private Faults() {}

    static FaultMix parse(String text) {
        FaultMix mix = FaultMix.seeded(SEED);
        for (String fault : text.split(",")) {
            if (!fault.isBlank()) {
                mix = plus(mix, fault.strip());
            }
        }
        return mix;
    }

    private static FaultMix plus(FaultMix mix, String fault) {
        String[] parts = fault.split(":", 2);
        if (parts.length < 2) {
            throw new IllegalArgumentException(FORM);
        }
        Reply reply = reply(parts[0].strip());
        double amount = number(parts[1].strip());
        if (amount < 1) {
            return mix.with(amount, reply);
        }
        FaultMix more = mix;
        for (int i = 0; i < amount; i++) {
            more = more.withOneAt(FIRST_AT + i * APART, reply);
        }
        return more;
    }

    private static Reply reply(String name) {
        return switch (name) {
            case "429" -> Reply.rateLimited(Duration.ofSeconds(1));
            case "503" -> Reply.unavailable();
            case "500" -> Reply.error(500, "server_error", "An internal error occurred");
            case "cut" -> Reply.generated().cutAfterBytes(200);
            case "stall" -> Reply.generated().stallBeforeHeaders();
            default -> throw new IllegalArgumentException(FORM);
        };
    }

    private static double number(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(FORM, e);
        }
    }
}
