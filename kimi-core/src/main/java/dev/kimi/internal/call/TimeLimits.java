package dev.kimi.internal.call;

import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timeouts;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The time limits of one call: its deadline, the end of its phase, silence. Used in turns of the call only. */
final class TimeLimits {

    /** So long what follows the end mark of a response is waited for. */
    static final long TRAIL_NANOS = 1_000_000_000L;

    private final TimeSource time;
    private final Timeouts timeouts;
    private final CallPlan plan;
    private final long startNanos;
    private final long deadlineNanos;
    private final CallTimer timer;
    private long phaseEndNanos;

    /** @param onFire what to do when a limit may have passed: ask {@link #passed} in a turn of the call */
    TimeLimits(EngineSettings settings, CallPlan plan, long startNanos, Runnable onFire) {
        this.time = settings.time();
        this.timeouts = settings.timeouts();
        this.plan = plan;
        this.startNanos = startNanos;
        this.deadlineNanos = startNanos + plan.deadline().toNanos();
        this.phaseEndNanos = deadlineNanos;
        this.timer = new CallTimer(time, settings.timer(), deadlineNanos, onFire);
    }

    long deadlineNanos() {
        return deadlineNanos;
    }

    /** Never negative. */
    Duration remaining() {
        return Duration.ofNanos(Math.max(0, deadlineNanos - time.nanoTime()));
    }

    /** The call begins. Most are sent at once, so the timer is set for that: it fires too early for the others. */
    void begin() {
        timer.set(startNanos + plan.responseLimit().toNanos());
    }

    /** A phase begins that only the deadline ends. */
    void untilDeadline() {
        phaseEndNanos = deadlineNanos;
        timer.set(deadlineNanos);
    }

    /** A phase begins at that moment and ends so much later. */
    void phase(long fromNanos, Duration length) {
        phaseEndNanos = fromNanos + length.toNanos();
        timer.set(phaseEndNanos);
    }

    /** Time until the phase ends; never negative. */
    Duration phaseRemaining() {
        return Duration.ofNanos(Math.max(0, phaseEndNanos - time.nanoTime()));
    }

    /** A stream begins: from here on only its silence and the deadline count. */
    void watchSilence() {
        phaseEndNanos = deadlineNanos;
        timer.set(time.nanoTime() + nextLook().toNanos());
    }

    /** The timer fires by then, although nothing ends then. */
    void fireIn(long nanos) {
        timer.set(time.nanoTime() + nanos);
    }

    void stop() {
        timer.cancel();
    }

    /** The limit that has passed, now that the timer fired; or null, and the timer is set again. */
    @Nullable PassedLimit passed(CallState state, @Nullable Attempt attempt) {
        timer.fired();
        long now = time.nanoTime();
        if (now - deadlineNanos >= 0) {
            return new PassedLimit(state.phase(plan.streamed(), attempt), plan.deadline(), nameOfDeadline());
        }
        if (state == CallState.RECEIVING && plan.streamed() && attempt != null) {
            return silence(attempt, now);
        }
        boolean limited = state == CallState.SENDING || state == CallState.RECEIVING || state == CallState.BACK_OFF;
        if (attempt != null && (state == CallState.SENDING || state == CallState.RECEIVING)) {
            // a limit on the service is none on how long it takes to send it a long body
            phaseEndNanos = later(
                    phaseEndNanos,
                    attempt.waitsSinceNanos(attempt.startNanos())
                            + plan.responseLimit().toNanos());
        }
        if (limited && now - phaseEndNanos >= 0) {
            return new PassedLimit(state.phase(plan.streamed(), attempt), plan.responseLimit());
        }
        timer.set(phaseEndNanos);
        return null;
    }

    private String nameOfDeadline() {
        return plan.deadline().equals(timeouts.total()) ? "kimi.timeout.total" : "the request's deadline";
    }

    /** Silence counts only while data was asked for: a slow consumer must not be mistaken for a dead service. */
    private @Nullable PassedLimit silence(Attempt attempt, long now) {
        boolean begun = attempt.contentBegun();
        long life = attempt.silence().sinceLifeNanos();
        if (life == 0) {
            timer.set(now + nextLook().toNanos());
            return null;
        }
        // a response may begin, and then wait for the rest of its request
        life = attempt.waitsSinceNanos(life);
        if (begun && now - life >= timeouts.idle().toNanos()) {
            return new PassedLimit(Phase.IDLE, timeouts.idle());
        }
        Duration limit = begun ? longer(timeouts.quiet(), timeouts.idle()) : timeouts.firstEvent();
        long end = attempt.waitsSinceNanos(attempt.silence().sinceContentNanos()) + limit.toNanos();
        if (now - end >= 0) {
            return new PassedLimit(begun ? Phase.QUIET : Phase.FIRST_EVENT, limit);
        }
        long idleEnd = (begun ? life : now) + timeouts.idle().toNanos();
        timer.set(end - idleEnd < 0 ? end : idleEnd);
        return null;
    }

    /** How long it may take to notice that a stream has begun: then a shorter limit may count. */
    private Duration nextLook() {
        Duration idle = timeouts.idle();
        Duration firstEvent = timeouts.firstEvent();
        return firstEvent.compareTo(idle) < 0 ? firstEvent : idle;
    }

    private static long later(long one, long other) {
        return one - other < 0 ? other : one;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? other : one;
    }
}
