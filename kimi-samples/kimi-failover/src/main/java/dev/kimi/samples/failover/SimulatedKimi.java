package dev.kimi.samples.failover;

import static dev.kimi.test.Reply.rateLimited;
import static dev.kimi.test.Reply.reasoning;
import static dev.kimi.test.Reply.text;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.time.Duration;

/** A Kimi in this process that can be taken down. Your application does not need this class. */
final class SimulatedKimi implements AutoCloseable {

    private static final Reply USUAL =
            text("Yes, the train at 8:02 is on time.").usage(260, 12, 180);

    private KimiSimulator service = KimiSimulator.start();

    SimulatedKimi() {
        service.reply(
                reasoning("I have to look that up.").thenToolCall("trains", "{\"from\":\"Bern\",\"to\":\"Zug\"}"),
                reasoning("Two of them.")
                        .thenText("Trains leave at 8:02 and at 8:32.")
                        .usage(180, 24, 120));
        service.otherwise(USUAL);
    }

    String baseUrl() {
        return service.baseUrl();
    }

    /** Nobody listens at its port any more. */
    void stop() {
        service.close();
    }

    void start() {
        service = KimiSimulator.builder().port(service.port()).start();
        service.otherwise(USUAL);
    }

    /** For the next request. */
    void limitRate() {
        service.reply(rateLimited(Duration.ofSeconds(2)));
    }

    @Override
    public void close() {
        service.close();
    }
}
