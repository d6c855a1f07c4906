package dev.kimi.gateway.clients;

import dev.kimi.test.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What a foreign client is to do, what the service does with it, and what the client must have seen. */
enum ForeignCase {
    /** A whole response: text, tokens read and written. */
    TEXT("Blue, naïvely 蓝. 20/9", Reply.text("Blue, naïvely 蓝.").usage(20, 9, 5)),
    /** The same as a stream. */
    STREAM("Blue, naïvely 蓝. 20/9", Reply.text("Blue, naïvely 蓝.").usage(20, 9, 5)),
    /** Reasoning of a whole response and of a stream. */
    THINKING(
            "It scatters./It scatters. Blue.",
            Reply.reasoning("It scatters.").thenText("Blue."),
            Reply.reasoning("It scatters.").thenText("Blue.")),
    /** Rounds of two parallel calls each, every other one streamed. */
    TOOLS("12 rounds Done.", rounds()),
    /** An image in the user's turn. */
    IMAGE("A dot.", Reply.text("A dot.")),
    /** A rejection by a limit, and the retry of the client. */
    RETRIED("Blue.", Reply.rateLimited(Duration.ofSeconds(1)).header("Retry-After-Ms", "1"), Reply.text("Blue.")),
    /** A quota that is used up, with a client that would try again. */
    SPENT("429", Reply.quotaExceeded()),
    /** A stream behind pings of the gateway, which come while the service is silent. */
    PINGED("Blue. 20/9", Reply.text("Blue.").usage(20, 9, 5).after(Duration.ofMillis(150))),
    /** A stream that breaks off in the middle. */
    CUT("begun, then an error", Reply.text("a b c d e f g h i j k l").cutAfterEvents(6)),
    /** A stream in which the service reports an error. */
    ERROR_EVENT("begun, then an error", Reply.text("a b c d e f").errorEventAfter(4, "overloaded_error", "Overloaded")),
    /** A request that the service rejects. */
    REJECTED("400", Reply.error(400, "invalid_request_error", "There is something wrong with it")),
    /** A model that there is not. */
    UNKNOWN_MODEL("404"),
    /** A number of tokens. */
    COUNT("counted"),
    /** The models of both services. */
    MODELS("both"),
    /** A rejection by a limit, without retries of the client. The last, since the engine waits too before the next. */
    LIMITED("429 after 1", Reply.rateLimited(Duration.ofSeconds(1)).header("Retry-After-Ms", "1"));

    static final int ROUNDS = 12;

    private final String expected;
    private final List<Reply> replies;

    ForeignCase(String expected, Reply... replies) {
        this.expected = expected;
        this.replies = List.of(replies);
    }

    String expected() {
        return expected;
    }

    List<Reply> replies() {
        return replies;
    }

    private static Reply[] rounds() {
        Reply round = Reply.reasoning("Step.")
                .thenText("Looking.")
                .thenToolCall("look", "{\"at\":\"sky\"}")
                .thenToolCall("look", "{\"at\":\"sea\"}");
        List<Reply> all = new ArrayList<>(Collections.nCopies(ROUNDS, round));
        all.add(Reply.text("Done."));
        return all.toArray(Reply[]::new);
    }
}
