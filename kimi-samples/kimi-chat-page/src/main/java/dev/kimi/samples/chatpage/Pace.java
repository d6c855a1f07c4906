package dev.kimi.samples.chatpage;

import dev.kimi.chat.Usage;
import dev.kimi.time.TimeSource;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How fast a response arrives. Used by one thread at a time. */
final class Pace {

    private final TimeSource time = TimeSource.system();
    private final long sent = time.nanoTime();
    private long first;
    private long last;
    private boolean begun;

    /** A piece of the response has arrived. */
    void arrived() {
        last = time.nanoTime();
        if (!begun) {
            begun = true;
            first = last;
        }
    }

    /** Time to the first piece, or null when none came. */
    @Nullable Long firstTokenMillis() {
        return begun ? TimeUnit.NANOSECONDS.toMillis(first - sent) : null;
    }

    /** Tokens a second from the first piece to the last, or null when that is unknown. */
    @Nullable Double tokensPerSecond(Usage usage) {
        // The first token was there when the watch was started.
        long written = usage.completionTokens() - 1;
        return written > 0 && last > first ? written * 1e9 / (last - first) : null;
    }
}
