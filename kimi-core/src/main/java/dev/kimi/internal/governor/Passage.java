package dev.kimi.internal.governor;

import dev.kimi.error.KimiException;
import dev.kimi.error.KimiException.LimitScope;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.TransportException;
import dev.kimi.internal.governor.AdaptiveThrottle.Entry;
import dev.kimi.time.TimeSource;
import java.time.Duration;
import java.util.List;

/**
 * What the calls to one target pass before they are sent: a gate and a throttle for each scope that a rejection may
 * apply to, of which others share some. Thread-safe.
 */
public final class Passage {

    private static final int BAD_GATEWAY = 502;
    private static final int UNAVAILABLE = 503;
    private static final int GATEWAY_TIMEOUT = 504;

    private final TimeSource time;
    private final LimitGate modelClassGate;
    private final LimitGate accountGate;
    private final AdaptiveThrottle endpointThrottle;
    private final AdaptiveThrottle modelThrottle;
    private final List<LimitGate> gates;

    /** Without a model, gate and throttle of the wider scope stand for those of the narrower. */
    Passage(
            TimeSource time,
            LimitGate accountGate,
            LimitGate modelClassGate,
            AdaptiveThrottle endpointThrottle,
            AdaptiveThrottle modelThrottle) {
        this.time = time;
        this.accountGate = accountGate;
        this.modelClassGate = modelClassGate;
        this.endpointThrottle = endpointThrottle;
        this.modelThrottle = modelThrottle;
        this.gates = modelClassGate == accountGate ? List.of(accountGate) : List.of(modelClassGate, accountGate);
    }

    /** The gates to pass, the narrowest scope first, so that who waits there takes no turn at the wider one. */
    public List<LimitGate> gates() {
        return gates;
    }

    /**
     * Counts what is to be sent, and says whether it may be.
     *
     * @param probe whether it is to find out that the service has recovered, and may be in any case
     */
    public boolean admit(boolean probe) {
        long now = time.nanoTime();
        boolean both = modelThrottle != endpointThrottle;
        if (probe) {
            endpointThrottle.pass(now);
            if (both) {
                modelThrottle.pass(now);
            }
            return true;
        }
        Entry entry = endpointThrottle.enter(now);
        if (both && entry != Entry.REJECTED && modelThrottle.enter(now) == Entry.REJECTED) {
            endpointThrottle.withdraw(entry, now);
            return false;
        }
        return entry != Entry.REJECTED;
    }

    /** A probe has found that the service has recovered: the throttles forget what was before. */
    public void recovered() {
        long now = time.nanoTime();
        endpointThrottle.forget(now);
        modelThrottle.forget(now);
    }

    /**
     * Learns from a failure what concerns every caller in its scope. Not to be notified of requests that the service
     * did not process for reasons that say nothing about its load, which is what a free replay follows.
     *
     * @param sentNanos when that attempt was sent
     */
    public void learn(KimiException failure, long sentNanos) {
        Duration hint = failure.retryAfter();
        if (failure instanceof RateLimitException limited && hint != null) {
            boolean ofModel = failure.limitScope() == LimitScope.ACCOUNT_MODEL_CLASS;
            (ofModel ? modelClassGate : accountGate).close(hint, limited.limit());
        } else if (isOverload(failure)) {
            long now = time.nanoTime();
            // what applies to the endpoint applies to each of its models
            modelThrottle.rejected(sentNanos, now);
            if (failure.limitScope() != LimitScope.ENDPOINT_MODEL && endpointThrottle != modelThrottle) {
                endpointThrottle.rejected(sentNanos, now);
            }
        }
    }

    /** Whether the service could not take the call on: a defect of one response is no reason to hold others back. */
    private static boolean isOverload(KimiException failure) {
        return failure instanceof OverloadedException
                || failure.status() == BAD_GATEWAY
                || failure.status() == UNAVAILABLE
                || failure.status() == GATEWAY_TIMEOUT
                || (failure instanceof TransportException broken && broken.unprocessed() && !broken.permanent());
    }
}
