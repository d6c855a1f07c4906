package dev.kimi.samples.failover;

import dev.kimi.schema.Description;
import dev.kimi.tool.ToolMethod;
import java.time.LocalTime;
import java.util.List;
import org.springframework.stereotype.Component;

/** What the model may look up, wherever it is. */
@Component
final class Timetable {

    /** A train, as the model gets it: as JSON. */
    record Train(LocalTime departure, int minutes) {}

    @ToolMethod("Trains between two cities this morning")
    List<Train> trains(@Description("Such as Bern") String from, String to) {
        return List.of(new Train(LocalTime.of(8, 2), 56), new Train(LocalTime.of(8, 32), 59));
    }
}
