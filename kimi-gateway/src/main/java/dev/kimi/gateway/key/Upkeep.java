package dev.kimi.gateway.key;

import dev.kimi.time.Timer;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Looks after the stores time and again, on a thread that may be blocked. A store that fails is logged when it begins
 * to and when it has ended to, and everything goes on with what is known. Thread-safe.
 */
final class Upkeep implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("dev.kimi.gateway.keys");

    private final StoredKeys keys;
    private final SpendingSync spending;
    private final Timer timer;
    private final Executor executor;
    private final long intervalNanos;

    private final Trouble ofKeys = new Trouble("The keys of the gateway");
    private final Trouble ofSpending = new Trouble("What the keys of the gateway have spent");
    private volatile boolean closed;

    Upkeep(StoredKeys keys, SpendingSync spending, Timer timer, Executor executor, Duration interval) {
        this.keys = keys;
        this.spending = spending;
        this.timer = timer;
        this.executor = executor;
        this.intervalNanos = interval.toNanos();
    }

    /**
     * Reads the stores for the first time, and goes on from then.
     *
     * @throws UncheckedIOException if one of them cannot be read
     */
    void start() {
        keys.reload();
        spending.exchange();
        schedule();
    }

    private void schedule() {
        if (!closed) {
            timer.schedule(intervalNanos, () -> executor.execute(this::turn));
        }
    }

    private void turn() {
        try {
            ofKeys.watch(keys::reload);
            ofSpending.watch(spending::exchange);
        } finally {
            schedule();
        }
    }

    /** Ends it, and brings the last of what was spent to the store. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            ofSpending.watch(spending::exchange);
        }
    }

    /** Whether something fails, and since when. */
    private static final class Trouble {
        private final String what;
        private @Nullable String last;

        private Trouble(String what) {
            this.what = what;
        }

        private synchronized void watch(Runnable task) {
            try {
                task.run();
            } catch (UncheckedIOException e) {
                String message = String.valueOf(e.getMessage());
                if (!message.equals(last)) {
                    last = message;
                    LOG.log(
                            System.Logger.Level.ERROR,
                            "{0} cannot be kept in step with the store, and what is known stays valid: {1}",
                            what,
                            message);
                }
                return;
            }
            if (last != null) {
                last = null;
                LOG.log(System.Logger.Level.INFO, "{0} can be kept in step with the store again.", what);
            }
        }
    }
}
