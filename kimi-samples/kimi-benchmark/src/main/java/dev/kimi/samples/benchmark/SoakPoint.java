package dev.kimi.samples.benchmark;

import dev.kimi.test.Reply;
import java.nio.charset.StandardCharsets;

/** Where in its life a stream is given up. */
enum SoakPoint {
    QUEUED,
    WAITING_FOR_TOKEN,
    WAITING_FOR_CONNECTION,
    CONNECTING,
    BEFORE_HEADERS,
    BEFORE_FIRST_EVENT,
    MID_EVENT,
    BETWEEN_EVENTS,
    AT_END;

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
            case AT_END -> Reply.text("one two");
            default -> Reply.text("never").stallBeforeHeaders();
        };
    }

    boolean readsEvents() {
        return this == MID_EVENT || this == BETWEEN_EVENTS;
    }
}
