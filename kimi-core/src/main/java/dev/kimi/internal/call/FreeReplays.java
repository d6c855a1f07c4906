package dev.kimi.internal.call;

import dev.kimi.internal.call.AttemptFailure.Evidence;
import dev.kimi.internal.endpoint.RetrySettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The replays of one call that cost nothing: no budget, no ratio, no attempt of the policy's, nothing learned, and the
 * throttle does not count them, since the call was admitted before. Used in turns of the call only.
 */
final class FreeReplays {

    /** A dead pooled connection can be followed by another; after that many, something else is wrong. */
    private static final int MAX_STALE = 3;

    private static final long SHORTEST_PAUSE_NANOS = 4_000_000;
    private static final long LONGEST_PAUSE_NANOS = 1_000_000_000;
    private static final int MAX_DOUBLINGS = 8;

    private final RetrySettings settings;
    private int refused;
    private int stale;
    private boolean idleClosed;

    FreeReplays(RetrySettings settings) {
        this.settings = settings;
    }

    /** The pause before the replay, or null if the failure is not followed by a free one. */
    @Nullable Duration pauseAfter(Evidence evidence) {
        return switch (evidence) {
            case NONE, PAID, PAID_AND_GARBLED -> null;
            case REFUSED -> pause(refused++);
            case STALE_CONNECTION -> stale++ < MAX_STALE ? Duration.ZERO : null;
            case IDLE_CLOSE -> {
                boolean first = !idleClosed;
                idleClosed = true;
                yield first && settings.replayOnIdleClose() ? Duration.ZERO : null;
            }
        };
    }

    /**
     * At once the first time, as when a connection is drained and another takes over. A service that goes on rejecting
     * is asked more and more slowly: half of the pause is fixed, so that chance cannot make it a spin.
     */
    private Duration pause(int before) {
        if (before == 0) {
            return Duration.ZERO;
        }
        long longest = Math.min(LONGEST_PAUSE_NANOS, SHORTEST_PAUSE_NANOS << Math.min(before - 1, MAX_DOUBLINGS));
        return Duration.ofNanos(longest / 2 + (long) (settings.random().nextDouble() * (longest / 2)));
    }
}
