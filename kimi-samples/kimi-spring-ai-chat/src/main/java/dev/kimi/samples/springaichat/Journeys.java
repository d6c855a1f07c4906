package dev.kimi.samples.springaichat;

import java.time.LocalTime;
import java.util.List;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.ai.tool.annotation.ToolParam;
import org.springframework.stereotype.Component;

/** What the model may look up. An application of your own asks its services and databases here. */
@Component
final class Journeys {

    /** A train, as the model gets it: as JSON. */
    record Train(LocalTime departure, int minutes) {}

    @Tool(description = "Trains between two cities this morning")
    List<Train> trains(@ToolParam(description = "Such as Bern") String from, String to) {
        check(from, to);
        return List.of(new Train(LocalTime.of(8, 2), 56), new Train(LocalTime.of(8, 32), 59));
    }

    @Tool(description = "Minutes by car between two cities, with the traffic of now")
    int drive(String from, String to) {
        check(from, to);
        return 85;
    }

    /** The model gets the message, and may try again. */
    private static void check(String from, String to) {
        if (from.equals(to)) {
            throw new IllegalArgumentException("The two cities must not be the same.");
        }
    }
}
