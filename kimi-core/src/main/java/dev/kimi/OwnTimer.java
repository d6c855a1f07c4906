package dev.kimi;

import dev.kimi.time.Timer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The timer of a client: its own, unless it was handed in. It lives on with the accounts that were founded with it. */
final class OwnTimer implements AutoCloseable {

    private final Timer timer;
    private final boolean own;
    private final AtomicInteger accounts = new AtomicInteger();
    private volatile boolean ofAccount;

    /** @param handedIn a timer that somebody else closes, or null */
    OwnTimer(@Nullable Timer handedIn, String threadName) {
        this.own = handedIn == null;
        this.timer = handedIn == null ? Timer.wheel(threadName) : handedIn;
    }

    Timer timer() {
        return timer;
    }

    /** From now on it is closed when the last of its accounts ends: gives what says that of one, once. */
    Runnable handToAccount() {
        ofAccount = true;
        accounts.incrementAndGet();
        return () -> {
            if (accounts.decrementAndGet() == 0) {
                closeOwn();
            }
        };
    }

    private void closeOwn() {
        if (own) {
            timer.close();
        }
    }

    @Override
    public void close() {
        if (!ofAccount) {
            closeOwn();
        }
    }
}
