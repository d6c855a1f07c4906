package dev.kimi.event;

import dev.kimi.error.KimiException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a call. None of it holds a prompt, an answer or a secret. Components may be added: read events, do
 * not
 * make them.
 */
public sealed interface CallEvent {

    /**
     * A call begins.
     *
     * @param client the client's name, {@code default} unless named
     * @param operation what is called: {@code chat}, {@code stream}, {@code models} or the name of a service request
     * @param model the model asked for, or null when the operation has none
     */
    record Started(
            String client, String operation, @Nullable String model) implements CallEvent {}

    /**
     * A request is about to be sent.
     *
     * @param attempt its number, from 1
     */
    record AttemptStarted(int attempt) implements CallEvent {}

    /**
     * The first event of a stream arrived.
     *
     * @param sinceStart time since the call began
     */
    record FirstEvent(Duration sinceStart) implements CallEvent {}

    /**
     * An attempt ended.
     *
     * @param attempt its number, from 1
     * @param status HTTP status, 0 when none arrived
     * @param duration from sending to its end
     * @param failure why it failed, or null when it ended well
     */
    record AttemptFinished(
            int attempt,
            int status,
            Duration duration,
            @Nullable KimiException failure) implements CallEvent {}

    /**
     * Another attempt will be made.
     *
     * @param nextAttempt its number
     * @param delay the wait before it
     */
    record RetryScheduled(int nextAttempt, Duration delay) implements CallEvent {}

    /**
     * The call ended.
     *
     * @param outcome in which way
     * @param status HTTP status of the last attempt, 0 when none arrived
     * @param attempts how many requests were sent
     * @param duration from the start of the call
     * @param promptTokens tokens read, -1 when unknown
     * @param completionTokens tokens written, -1 when unknown
     * @param failure why it failed, or null when it did not
     */
    record Finished(
            Outcome outcome,
            int status,
            int attempts,
            Duration duration,
            long promptTokens,
            long completionTokens,
            @Nullable KimiException failure)
            implements CallEvent {}

    /** The ways in which a call ends. */
    enum Outcome {
        /** The answer is whole. */
        SUCCESS,
        /** It failed. */
        FAILURE,
        /** The caller gave up. */
        CANCELLED
    }
}
