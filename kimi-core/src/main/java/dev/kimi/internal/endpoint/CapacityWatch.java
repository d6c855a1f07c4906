package dev.kimi.internal.endpoint;

import dev.kimi.quota.Quota;
import org.jspecify.annotations.Nullable;

/**
 * A quota and the account's subscription to its capacity, which is made when the first call waits: most accounts never
 * need one. The quota is called without any lock.
 */
final class CapacityWatch {

    private static final System.Logger LOG = System.getLogger("dev.kimi.plugins");

    private final Quota quota;
    private final String account;
    private final Runnable onCapacity;
    private boolean begun;
    private boolean closed;
    private Quota.@Nullable Subscription subscription;

    CapacityWatch(Quota quota, String account, Runnable onCapacity) {
        this.quota = quota;
        this.account = account;
        this.onCapacity = onCapacity;
    }

    Quota quota() {
        return quota;
    }

    /** Somebody waits, for whom the quota is about to be called. On one thread at a time. */
    void begin() {
        if (begun) {
            return;
        }
        begun = true;
        Quota.Subscription made;
        try {
            made = quota.subscribe(account, onCapacity);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "The quota failed to subscribe an account to its capacity", e);
            return;
        }
        synchronized (this) {
            if (!closed) {
                subscription = made;
                return;
            }
        }
        end(made);
    }

    /** Other limits hold from now on. */
    void close() {
        Quota.Subscription made;
        synchronized (this) {
            closed = true;
            made = subscription;
            subscription = null;
        }
        if (made != null) {
            end(made);
        }
    }

    private static void end(Quota.Subscription subscription) {
        try {
            subscription.close();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "The quota failed to end a subscription to its capacity", e);
        }
    }
}
