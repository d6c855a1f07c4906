package dev.kimi.internal.call;

import dev.kimi.error.DeadlineExceededException.Phase;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A time limit that has passed while a call was doing something.
 *
 * @param phase what it was doing
 * @param limit how long that may take
 * @param whole the name of the limit for the whole call, or null if it is that of the phase
 */
record PassedLimit(Phase phase, Duration limit, @Nullable String whole) {

    PassedLimit(Phase phase, Duration limit) {
        this(phase, limit, null);
    }
}
