package dev.kimi.starter.web;

import dev.kimi.error.KimiException;
import java.time.Duration;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.ErrorResponse;

/** Statuses and texts of our own; nothing that came from the service but how long to wait. */
final class StandardProblems implements KimiProblems {

    static final StandardProblems INSTANCE = new StandardProblems();

    /** Seconds to wait where nobody said how long. */
    private static final long UNKNOWN_WAIT = 5;

    private static final Log LOG = LogFactory.getLog(KimiProblems.class);

    private StandardProblems() {}

    @Override
    public ErrorResponse of(KimiException failure) {
        Outcome outcome = Outcome.of(failure);
        log(outcome, failure);
        ErrorResponse.Builder problem = ErrorResponse.builder(failure, outcome.status(), outcome.detail())
                // not negotiated: WebFlux would write it as an event for whoever asks for events
                .header(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        if (outcome.passes()) {
            long seconds = seconds(failure.retryAfter());
            problem.header(HttpHeaders.RETRY_AFTER, String.valueOf(seconds))
                    .property("retryAfter", seconds)
                    .detailMessageArguments(seconds);
        }
        return problem.build();
    }

    /** Rounded up, since who comes early is rejected again. */
    private static long seconds(@Nullable Duration wait) {
        if (wait == null) {
            return UNKNOWN_WAIT;
        }
        return Math.max(1, wait.getSeconds() + (wait.getNano() > 0 ? 1 : 0));
    }

    private static void log(Outcome outcome, KimiException failure) {
        String message =
                "A call failed, and its caller gets status " + outcome.status().value() + ": " + failure.getMessage();
        if (outcome.needsOperator()) {
            LOG.warn(message);
        } else {
            LOG.debug(message);
        }
    }
}
