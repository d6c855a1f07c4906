package dev.kimi.internal.call;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The time limits of one call: its deadline, the end of its phase, silence. Used in turns of the call only. */
final class TimeLimits {

    private final Engine engine;
    private final CallPlan plan;
    private final long startNanos;
    private final long deadlineNanos;
    private final Alarm alarm;
    private long phaseEndNanos;

    /** @param ring what to do when a limit may have passed: ask {@link #passed} in a turn of the call */
    TimeLimits(Engine engine, CallPlan plan, long startNanos, Runnable ring) {
        this.engine = engine;
        this.plan = plan;
        this.startNanos = startNanos;
        this.deadlineNanos = startNanos + plan.deadline().toNanos();
        this.phaseEndNanos = deadlineNanos;
        this.alarm = new Alarm(engine, deadlineNanos, ring);
    }

    long deadlineNanos() {
        return deadlineNanos;
    }

    /** Never negative. */
    Duration remaining() {
        return Duration.ofNanos(Math.max(0, deadlineNanos - engine.nanoTime()));
    }

    /** The call begins. Most are sent at once, so the alarm is set for that: it rings too early for the others. */
    void begin() {
        alarm.set(startNanos + plan.answerLimit().toNanos());
    }

    /** A phase begins that only the deadline ends. */
    void untilDeadline() {
        phaseEndNanos = deadlineNanos;
        alarm.set(deadlineNanos);
    }

    /** A phase begins at that moment and ends so much later. */
    void phase(long fromNanos, Duration length) {
        phaseEndNanos = fromNanos + length.toNanos();
        alarm.set(phaseEndNanos);
    }

    /** A stream begins: from here on only its silence and the deadline count. */
    void watchSilence() {
        phaseEndNanos = deadlineNanos;
        alarm.set(engine.nanoTime() + engine.timeouts().idle().toNanos());
    }

    void stop() {
        alarm.cancel();
    }

    /** The limit that has passed, now that the alarm rang; or null, and the alarm is set again. */
    @Nullable Duration passed(CallState state, @Nullable Attempt attempt) {
        alarm.rang();
        long now = engine.nanoTime();
        if (now - deadlineNanos >= 0) {
            return plan.deadline();
        }
        if (state == CallState.RECEIVING && plan.streamed() && attempt != null) {
            return silence(attempt, now);
        }
        boolean limited = state == CallState.SENDING || state == CallState.RECEIVING || state == CallState.BACK_OFF;
        if (limited && now - phaseEndNanos >= 0) {
            return plan.answerLimit();
        }
        alarm.set(phaseEndNanos);
        return null;
    }

    /** Silence counts only while data was asked for: a slow consumer must not be mistaken for a dead service. */
    private @Nullable Duration silence(Attempt attempt, long now) {
        Duration limit = engine.silenceLimit(attempt);
        long since = attempt.waitingSinceNanos();
        if (since != 0 && now - since >= limit.toNanos()) {
            return limit;
        }
        alarm.set((since == 0 ? now : since) + limit.toNanos());
        return null;
    }
}
