package dev.kimi.sim;

import dev.kimi.transport.TransportFailure.Kind;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** How often one call was sent again at one endpoint, and what for. */
final class Retries {

    private static final int MAX_STALE = 3;
    static final long LONGEST_PAUSE = 1_000_000_000L;

    int free;
    int charged;
    int ofCredentials;
    /** Whether the last one was free. */
    boolean lastFree;

    int lastCost;
    private int refusedStreams;
    private int stale;
    private boolean idleClosed;
    private boolean garbled;

    /** Whether another retry after a failure of that kind would be free. */
    boolean wouldBeFree(@Nullable Kind kind, boolean replayOnIdleClose) {
        return kind == Kind.REFUSED
                || kind == Kind.STALE_CONNECTION && stale < MAX_STALE
                || kind == Kind.IDLE_CLOSE && replayOnIdleClose && !idleClosed;
    }

    /** A retry after a failure of that kind, which is free or is charged. */
    boolean isFree(@Nullable Kind kind, boolean replayOnIdleClose, long delayNanos, BiConsumer<Boolean, String> check) {
        if (kind == Kind.REFUSED) {
            int before = refusedStreams++;
            long longest = before == 0 ? 0 : Math.min(LONGEST_PAUSE, 4_000_000L << Math.min(before - 1, 10));
            check.accept(delayNanos >= longest / 2 && delayNanos <= longest, "a pause of " + delayNanos + " ns");
            return true;
        }
        if (kind == Kind.STALE_CONNECTION) {
            return stale++ < MAX_STALE;
        }
        if (kind == Kind.IDLE_CLOSE) {
            check.accept(replayOnIdleClose && !idleClosed, "replayed what the service may have worked on");
            idleClosed = true;
            return true;
        }
        return false;
    }

    /** A retry after a response that was paid for and cannot be read; false if it is the second one. */
    boolean mayPayAgain() {
        boolean first = !garbled;
        garbled = true;
        return first;
    }

    boolean hasPaid() {
        return garbled;
    }
}
