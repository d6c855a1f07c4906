package dev.kimi.samples.bulk;

import dev.kimi.error.ConfigurationException;
import dev.kimi.test.FaultMix;
import dev.kimi.test.Reply;
import java.time.Duration;

/** Reads which faults the simulator is to show: {@code 429:0.05,503:0.02,stall:1}. */
final class Faults {

    private static final long SEED = 42;
    private static final long FIRST_AT = 37;
    private static final long APART = 53;
    private static final int MAX_NUMBER = 10_000;

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
            throw wrong(fault);
        }
        Reply reply = reply(parts[0].strip());
        double amount = number(parts[1].strip());
        if (amount < 1) {
            return share(mix, fault, amount, reply);
        }
        FaultMix more = mix;
        for (int i = 0; i < amount; i++) {
            more = more.withOneAt(FIRST_AT + i * APART, reply);
        }
        return more;
    }

    private static FaultMix share(FaultMix mix, String fault, double share, Reply reply) {
        try {
            return mix.with(share, reply);
        } catch (IllegalArgumentException e) {
            throw wrong(fault);
        }
    }

    private static Reply reply(String name) {
        return switch (name) {
            case "429" -> Reply.rateLimited(Duration.ofSeconds(1));
            case "503" -> Reply.unavailable();
            case "500" -> Reply.error(500, "server_error", "An internal error occurred");
            case "cut" -> Reply.generated().cutAfterBytes(200);
            case "stall" -> Reply.generated().stallBeforeHeaders();
            default -> throw wrong(name);
        };
    }

    private static double number(String text) {
        try {
            double number = Double.parseDouble(text);
            if (number > 0 && number <= MAX_NUMBER) {
                return number;
            }
        } catch (NumberFormatException e) {
            // reported below, in the same words as a number out of range
        }
        throw wrong(text);
    }

    private static ConfigurationException wrong(String part) {
        return new ConfigurationException(
                "bulk.faults",
                "The faults cannot be understood at \"" + part + "\".",
                "Write 429, 503, 500, cut or stall, each with a share of all requests below 1 or with a number of"
                        + " requests, as in 429:0.05,503:0.02,stall:1.");
    }
}
