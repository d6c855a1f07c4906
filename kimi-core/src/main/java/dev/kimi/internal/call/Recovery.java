package dev.kimi.internal.call;

import dev.kimi.error.KimiException;
import dev.kimi.error.TransportException;
import dev.kimi.event.CallEvent.DelaySource;
import dev.kimi.internal.call.AttemptFailure.Evidence;
import dev.kimi.internal.endpoint.RetrySettings;
import dev.kimi.internal.governor.Governor;
import dev.kimi.internal.governor.RetryBudget;
import dev.kimi.retry.FailedAttempt;
import dev.kimi.retry.RetryDecision;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides, for one call, what follows a failed attempt: the policy proposes, the rules that no policy may break
 * dispose. Used in turns of the call only.
 */
final class Recovery {

    /** So many damaged responses are paid for in vain before the call fails by the next one. */
    private static final int MAX_GARBLED = 1;

    private static final System.Logger LOG = System.getLogger("dev.kimi.plugins");

    private final RetrySettings settings;
    private final Governor governor;
    private final FreeReplays replays;
    private final BooleanSupplier canSendAgain;
    /**
     * What the policy has been asked about: attempts, and credentials that could not be obtained, but no free replay.
     */
    private int failures;

    /** Responses that were paid for and could not be read. */
    private int garbled;

    private int lastCost;
    private Runnable undoLast = () -> {};

    /** @param canSendAgain whether the request's body can still be sent */
    Recovery(RetrySettings settings, Governor governor, BooleanSupplier canSendAgain) {
        this.canSendAgain = canSendAgain;
        this.settings = settings;
        this.governor = governor;
        this.replays = new FreeReplays(settings);
    }

    void succeeded() {
        governor.budget().giveBack(lastCost == 0 ? 1 : lastCost);
    }

    /** The retry that was decided on is not made here. */
    void notMade() {
        undoLast.run();
        lastCost = 0;
    }

    Verdict decide(AttemptFailure attempt, Duration remaining) {
        KimiException failure = attempt.exception();
        Duration pause = replays.pauseAfter(attempt.evidence());
        if (pause != null) {
            if (pause.compareTo(remaining) >= 0) {
                return Verdict.fail(failure);
            }
            return canSendAgain.getAsBoolean()
                    ? Verdict.replay(pause)
                    : Verdict.fail(Failures.bodyNotReplayable(failure));
        }
        if (mustEnd(attempt)) {
            return Verdict.fail(failure);
        }
        failures++;
        FailedAttempt failed = new FailedAttempt(failure, failures, remaining, settings.random());
        Duration delay = proposal(failed);
        if (delay == null || delay.compareTo(remaining) >= 0) {
            return Verdict.fail(failure);
        }
        if (!canSendAgain.getAsBoolean()) {
            return Verdict.fail(Failures.bodyNotReplayable(failure));
        }
        int cost = failed.throttled() ? RetryBudget.THROTTLED_COST : RetryBudget.TRANSIENT_COST;
        Runnable undo = governor.takeRetry(cost);
        if (undo == null) {
            return Verdict.fail(Failures.retryBudgetExhausted(failure));
        }
        lastCost = cost;
        undoLast = undo;
        Duration hint = failure.retryAfter();
        return Verdict.retry(
                delay, hint == null || delay.compareTo(hint) < 0 ? DelaySource.BACK_OFF : DelaySource.HINT);
    }

    /** What no policy may repeat: what may be or has been paid for, and what another setting only can mend. */
    private boolean mustEnd(AttemptFailure attempt) {
        if (attempt.exception() instanceof TransportException broken) {
            return !broken.unprocessed() || broken.permanent();
        }
        if (attempt.evidence() == Evidence.PAID_AND_GARBLED) {
            return ++garbled > MAX_GARBLED;
        }
        return attempt.evidence() == Evidence.PAID;
    }

    private @Nullable Duration proposal(FailedAttempt failed) {
        try {
            RetryDecision decision = settings.policy().decide(failed);
            return decision.delay();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "The retry policy failed, which counts as: do not retry", e);
            return null;
        }
    }

    /**
     * What follows.
     *
     * @param delay the wait before the next attempt, or null to fail
     * @param source where that wait comes from
     * @param cause what to fail with, when there is no delay
     */
    record Verdict(
            @Nullable Duration delay,
            DelaySource source,
            @Nullable KimiException cause) {

        static Verdict fail(KimiException failure) {
            return new Verdict(null, DelaySource.BACK_OFF, failure);
        }

        static Verdict retry(Duration delay, DelaySource source) {
            return new Verdict(delay, source, null);
        }

        static Verdict replay(Duration delay) {
            return new Verdict(delay, DelaySource.REPLAY, null);
        }

        /** Whether the next attempt only replaces one that was sent for nothing. */
        boolean free() {
            return source == DelaySource.REPLAY;
        }

        KimiException failure() {
            if (cause == null) {
                throw new IllegalStateException("a retry has no failure");
            }
            return cause;
        }
    }
}
