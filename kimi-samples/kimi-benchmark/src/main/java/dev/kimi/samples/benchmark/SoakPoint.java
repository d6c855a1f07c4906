package dev.kimi.samples.benchmark;

import dev.kimi.event.CallEvent;
import dev.kimi.test.Reply;
import java.nio.charset.StandardCharsets;

/** Where in its life a stream is cancelled. */
enum SoakPoint {
    BEFORE_ADMISSION,
    QUEUED,
    WAITING_FOR_TOKEN,
    WAITING_FOR_CONNECTION,
    CONNECTING,
    SENDING,
    BEFORE_HEADERS,
    BEFORE_FIRST_EVENT,
    MID_EVENT,
    BETWEEN_EVENTS,
    BACK_OFF,
    AT_END;

    private static final int BATCH = 64;
    private static final int LARGE_BODIES = 16;
    /** What a client that has had no success may repeat at once. */
    private static final int FREE_RETRIES = 10;

    private static final byte[] TWO_EVENTS = ("data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\","
                    + "\"created\":1,\"model\":\"kimi-k3\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\","
                    + "\"content\":\"one\"},\"finish_reason\":null}]}\n\n")
            .repeat(2)
            .getBytes(StandardCharsets.UTF_8);

    /** How the service holds a stream there. */
    Reply reply() {
        return switch (this) {
            case BEFORE_FIRST_EVENT -> Reply.text("never").stallAfterEvents(0);
            case MID_EVENT -> Reply.raw(TWO_EVENTS).stallAfterBytes(TWO_EVENTS.length * 3L / 4);
            case BETWEEN_EVENTS -> Reply.text("one two three four").stallAfterEvents(3);
            // names no time to come back, which would close the gate before those that come after it
            case BACK_OFF -> Reply.error(429, "rate_limit_reached_error", "Too many");
            case AT_END -> Reply.text("one two");
            default -> Reply.text("never").stallBeforeHeaders();
        };
    }

    boolean readsEvents() {
        return this == MID_EVENT || this == BETWEEN_EVENTS;
    }

    boolean oneConnection() {
        return this == WAITING_FOR_CONNECTION || this == CONNECTING;
    }

    /** How a stream ends here: before it is admitted no caller has it in hand yet, and only its deadline can end it. */
    CallEvent.Outcome outcome() {
        return switch (this) {
            case BEFORE_ADMISSION -> CallEvent.Outcome.FAILURE;
            case AT_END -> CallEvent.Outcome.SUCCESS;
            default -> CallEvent.Outcome.CANCELLED;
        };
    }

    /** How many streams are brought here before they are cancelled. */
    int batch() {
        return switch (this) {
            case BACK_OFF -> FREE_RETRIES;
            case SENDING -> LARGE_BODIES;
            default -> BATCH;
        };
    }

    /** A retry that is cancelled stays charged to the budget, and a client has only so many. */
    long callsOfOneClient() {
        return this == BACK_OFF ? FREE_RETRIES : Long.MAX_VALUE;
    }
}
