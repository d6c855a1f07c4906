package dev.kimi.sim;

import dev.kimi.error.CallCancelledException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.KimiException;
import dev.kimi.event.CallEvent;
import dev.kimi.time.Timeouts;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What is reported of an attempt must be what happened, and it must not have waited for longer than the time limits.
 */
final class AttemptTimes {

    private final Timeouts timeouts;
    private final boolean streamed;

    AttemptTimes(Timeouts timeouts, boolean streamed) {
        this.timeouts = timeouts;
        this.streamed = streamed;
    }

    /**
     * An attempt has ended.
     *
     * @param exchange what was sent, or null
     * @param tookNanos since it was sent
     * @param committed whether something was delivered
     * @param check takes what must hold, and what is wrong if it does not
     */
    void check(
            CallEvent.AttemptFinished event,
            @Nullable SimExchange exchange,
            long tookNanos,
            boolean committed,
            BiConsumer<Boolean, String> check) {
        check.accept(event.duration().toNanos() == tookNanos, "an attempt took " + event.duration());
        // a cancel may have come before what the exchange has played since
        boolean cancelled = event.failure() instanceof CallCancelledException && event.status() == 0;
        if (exchange != null && exchange.played() && !cancelled) {
            check.accept(event.status() == exchange.status(), "status " + event.status() + " for " + exchange.status());
        }
        if (streamed && exchange != null && exchange.answered()) {
            check.accept(
                    exchange.silence() <= longestSilence(committed).toNanos(),
                    "waited for a silent stream longer than it may");
        } else {
            Duration limit = streamed ? timeouts.headers() : timeouts.firstEvent();
            check.accept(tookNanos <= limit.toNanos(), "waited for a response longer than " + limit);
        }
    }

    /** An attempt has ended before the deadline of its call: if that was for its silence, more was asked for. */
    void checkSilence(
            @Nullable KimiException failure, @Nullable SimExchange exchange, BiConsumer<Boolean, String> check) {
        if (failure instanceof DeadlineExceededException late && late.phase() == Phase.IDLE) {
            check.accept(exchange != null && exchange.isAsked(), "ended for a silence of its consumer's making");
        }
    }

    /** How long a stream may send nothing; as much as the shorter limit may pass until somebody looks. */
    private Duration longestSilence(boolean committed) {
        Duration idle = timeouts.idle();
        Duration firstEvent = timeouts.firstEvent();
        Duration look = firstEvent.compareTo(idle) < 0 ? firstEvent : idle;
        return (committed ? idle : firstEvent.plus(idle)).plus(look);
    }
}
