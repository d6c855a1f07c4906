package dev.kimi.event;

import dev.kimi.error.KimiException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a call, in the order that {@link CallObserver} gives. None of it holds a prompt, a response or a
 * secret. Immutable.
 *
 * <p>The kinds are these, so that a {@code switch} over them may be exhaustive: what later versions report within one
 * major version is {@link Other}. Components may be added to each: read events, do not construct or deconstruct them.
 * Tests of listeners get theirs from {@code FakeCall} of {@code kimi-test}.
 */
public sealed interface CallEvent {

    /**
     * A call begins. Comes to {@link CallListener#started}, not to observers.
     *
     * @param client the client's name, {@code default} unless named
     * @param number its number among the calls of the client, from 0, as in logs and {@code KimiClient.openCalls()}
     * @param operation what is called: {@code chat}, {@code stream}, {@code relay}, {@code relay-stream},
     *     {@code count-tokens}, {@code models}, {@code exchange} or {@code exchange-stream}
     * @param model the model of the request, or null when the operation has none
     */
    record Started(
            String client,
            long number,
            String operation,
            @Nullable String model) implements CallEvent {}

    /**
     * The call waits because the service asked the account to send nothing for a while.
     *
     * @param delay what is left of the wait that the service asked for; calls that waited go on one after another, so
     *     that it may become longer
     */
    record Held(Duration delay) implements CallEvent {}

    /**
     * The request lost something on its way to the model, or something of it was changed; the response says the same.
     *
     * @param code what was lost or changed, as in {@link dev.kimi.chat.ChatResponse.Note}; few values, fit for a metric
     * @param message the same for people, with numbers, kinds and names
     */
    record Noted(String code, String message) implements CallEvent {}

    /**
     * The call goes to another endpoint of its route, before anything was delivered. Comes before the first attempt
     * there.
     *
     * @param from the name of the endpoint that it leaves or passes over
     * @param to the name of the endpoint that it goes to
     * @param reason why
     * @param delay how long it would have waited at {@code from}; zero where that is not the reason
     * @param lostCache what the prompt costs more at {@code to} than from the prompt cache of {@code from}, by the
     *     cards of the models; null where nothing was cached, or prices are not known
     * @param currency of {@code lostCache}, such as {@code USD}; null without it
     * @param failure what it failed with at {@code from}, or null when it had not failed
     */
    record Rerouted(
            String from,
            String to,
            Reason reason,
            Duration delay,
            @Nullable BigDecimal lostCache,
            @Nullable String currency,
            @Nullable KimiException failure)
            implements CallEvent {

        /** Why a call goes elsewhere. */
        public enum Reason {
            /** It failed, and nothing more is tried there. */
            FAILURE,
            /** The endpoint failed for other calls, and it is not known to have recovered. */
            CIRCUIT_OPEN,
            /** It would have to wait for longer than its prompt cache is worth. */
            WAIT
        }
    }

    /**
     * A stream that had waited long for its first event was sent to a second endpoint too, and one of the two attempts
     * has delivered or the second has failed. Comes once, when that is decided; the attempts are reported like others.
     *
     * @param from the name of the endpoint of the first attempt
     * @param to the name of the endpoint of the second
     * @param after how long the first had waited
     * @param winner the name of the endpoint whose attempt has delivered; null when the second failed, and the call
     *     went on with the first, or when the call ended before either did
     * @param cost what the prompt costs by the model's card in the attempt that was not used, which the service may
     *     bill; null where that is not known, or when it was surely not worked on
     * @param currency of {@code cost}, such as {@code USD}; null without it
     */
    record Hedged(
            String from,
            String to,
            Duration after,
            @Nullable String winner,
            @Nullable BigDecimal cost,
            @Nullable String currency)
            implements CallEvent {}

    /**
     * Something that later versions report. None of it comes in this version. Ignore the types that are not known.
     *
     * @param type what happened; few values, fit for a metric
     * @param details names and values
     */
    record Other(String type, Map<String, String> details) implements CallEvent {
        public Other {
            details = Map.copyOf(details);
        }
    }

    /**
     * A request is about to be sent.
     *
     * @param attempt its number, from 1
     * @param endpoint the name of the endpoint that it is sent to: that of the client, unless the call went elsewhere
     */
    record AttemptStarted(int attempt, String endpoint) implements CallEvent {}

    /**
     * The first event of a stream arrived, or the first bytes of the body of a streamed exchange.
     *
     * @param sinceStart time since the call began
     */
    record FirstEvent(Duration sinceStart) implements CallEvent {}

    /**
     * An attempt ended.
     *
     * @param attempt its number, from 1
     * @param endpoint the name of the endpoint that it was sent to
     * @param status HTTP status, 0 when none arrived
     * @param duration from sending to its end
     * @param requestId the service's id of the exchange: 1 to 128 letters, digits and {@code _ . : / -}; null when it
     *     gave none of that form, or none arrived
     * @param failure why it failed, or null when it ended well
     */
    record AttemptFinished(
            int attempt,
            String endpoint,
            int status,
            Duration duration,
            @Nullable String requestId,
            @Nullable KimiException failure)
            implements CallEvent {}

    /**
     * Another attempt will be made.
     *
     * @param nextAttempt its number
     * @param delay the wait before it
     * @param source where that wait comes from
     * @param failure what the next attempt is to make good: that of the attempt before, or of getting credentials
     */
    record RetryScheduled(int nextAttempt, Duration delay, DelaySource source, KimiException failure)
            implements CallEvent {}

    /** Where the wait before another attempt comes from. */
    enum DelaySource {
        /** The service asked to wait, and the policy waits at least as long. */
        HINT,
        /** The retry policy alone. */
        BACK_OFF,
        /** The request is sent again free of charge without asking the policy, as after a stale connection. */
        REPLAY
    }

    /**
     * The call ended.
     *
     * @param outcome in which way
     * @param endpoint the name of the endpoint that the response came from, or that the last attempt was sent to when
     *     there is none; null when nothing was sent
     * @param status HTTP status of the last attempt, 0 when none arrived
     * @param attempts how many requests were sent
     * @param duration from the start of the call
     * @param promptTokens tokens read, -1 when unknown
     * @param completionTokens tokens written, -1 when unknown
     * @param failure why it failed, or null when it did not
     */
    record Finished(
            Outcome outcome,
            @Nullable String endpoint,
            int status,
            int attempts,
            Duration duration,
            long promptTokens,
            long completionTokens,
            @Nullable KimiException failure)
            implements CallEvent {}

    /** The ways in which a call ends. */
    enum Outcome {
        /** The response is whole. */
        SUCCESS,
        /** It failed. */
        FAILURE,
        /** Cancelled by its caller, or by the closing of the client. */
        CANCELLED
    }
}
