package dev.kimi.internal.governor;

import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * All that the calls of one account share about sending again, or at all: budget and ratio for every retry, and a
 * {@link Passage} for each endpoint and model. Thread-safe.
 */
public final class Governor {

    /** Models are named by callers, who may name anything: those beyond share what calls without a model have. */
    static final int MAX_TARGETS = 256;

    private final TimeSource time;
    private final Timer timer;
    private final RandomGenerator random;
    private final RetryBudget budget = new RetryBudget();
    private final RetryRatio ratio;
    private final LimitGate accountGate;
    private final Map<String, LimitGate> modelClassGates = new ConcurrentHashMap<>();
    private final Map<String, AdaptiveThrottle> endpointThrottles = new ConcurrentHashMap<>();
    private final Map<LimitTarget, Passage> passages = new ConcurrentHashMap<>();

    public Governor(TimeSource time, Timer timer, RandomGenerator random) {
        this.time = time;
        this.timer = timer;
        this.random = random;
        this.ratio = new RetryRatio(time.nanoTime());
        this.accountGate = new LimitGate(null, time, timer);
    }

    /** The tokens for retries. */
    public RetryBudget budget() {
        return budget;
    }

    /** What calls to that target pass before they are sent. */
    public Passage passage(LimitTarget target) {
        Passage known = passages.get(target);
        if (known != null) {
            return known;
        }
        LimitTarget counted = passages.size() < MAX_TARGETS ? target : target.withoutModel();
        return passages.computeIfAbsent(counted, this::newPassage);
    }

    private Passage newPassage(LimitTarget target) {
        AdaptiveThrottle endpoint = endpointThrottles.computeIfAbsent(target.endpoint(), key -> newThrottle());
        AdaptiveThrottle model = target.model() == null ? endpoint : newThrottle();
        return new Passage(time, accountGate, gateOf(target.modelClass()), endpoint, model);
    }

    private LimitGate gateOf(@Nullable String modelClass) {
        return modelClass == null
                ? accountGate
                : modelClassGates.computeIfAbsent(modelClass, name -> new LimitGate(name, time, timer));
    }

    private AdaptiveThrottle newThrottle() {
        return new AdaptiveThrottle(random, time.nanoTime());
    }

    /** A call is sent for the first time, now. */
    public void firstAttempt(long nowNanos) {
        ratio.firstAttempt(nowNanos);
    }

    /**
     * Takes what one retry costs.
     *
     * @return what gives it back, for a retry that is not made; null when there have been too many, and nothing was
     *     taken
     */
    public @Nullable Runnable takeRetry(int cost) {
        if (!budget.take(cost)) {
            return null;
        }
        long now = time.nanoTime();
        RetryRatio.Source source = ratio.take(now);
        if (source == null) {
            budget.giveBack(cost);
            return null;
        }
        return () -> {
            budget.giveBack(cost);
            ratio.giveBack(source, now);
        };
    }
}
