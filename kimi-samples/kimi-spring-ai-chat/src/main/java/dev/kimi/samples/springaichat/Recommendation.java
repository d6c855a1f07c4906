package dev.kimi.samples.springaichat;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** What is wanted of the model in the end. */
record Recommendation(
        Means means,
        @JsonPropertyDescription("From door to door") int minutes,
        @JsonPropertyDescription("In at most ten words") String reason) {

    enum Means {
        TRAIN,
        CAR
    }
}
