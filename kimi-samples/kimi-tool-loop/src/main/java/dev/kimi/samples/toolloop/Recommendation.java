package dev.kimi.samples.toolloop;

import dev.kimi.schema.Description;
import java.time.LocalTime;
import java.util.Optional;

/** What is wanted of the model in the end. */
record Recommendation(
        Means means,
        @Description("From door to door") int minutes,
        Optional<LocalTime> departure,
        @Description("In at most ten words") String reason) {

    enum Means {
        TRAIN,
        CAR
    }
}
