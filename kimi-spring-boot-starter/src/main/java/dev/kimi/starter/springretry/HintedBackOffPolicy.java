package dev.kimi.starter.springretry;

import dev.kimi.error.KimiException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.retry.RetryContext;
import org.springframework.retry.backoff.BackOffContext;
import org.springframework.retry.backoff.BackOffInterruptedException;
import org.springframework.retry.backoff.BackOffPolicy;
import org.springframework.retry.backoff.ExponentialRandomBackOffPolicy;
import org.springframework.retry.backoff.Sleeper;
import org.springframework.retry.backoff.ThreadWaitSleeper;

/** A back-off that waits at least as long as the service asked, for templates in the application's own code. */
final class HintedBackOffPolicy implements BackOffPolicy {

    private final ExponentialRandomBackOffPolicy without;
    private final Sleeper sleeper;

    HintedBackOffPolicy(ExponentialRandomBackOffPolicy without) {
        this(without, new ThreadWaitSleeper());
    }

    HintedBackOffPolicy(ExponentialRandomBackOffPolicy without, Sleeper sleeper) {
        this.without = without;
        this.sleeper = sleeper;
    }

    @Override
    public BackOffContext start(RetryContext context) {
        Waiting waiting = new Waiting(context, sleeper);
        waiting.policy = without.withSleeper(waiting);
        waiting.begun = waiting.policy.start(context);
        return waiting;
    }

    @Override
    public void backOff(BackOffContext context) throws BackOffInterruptedException {
        Waiting waiting = (Waiting) context;
        BackOffPolicy policy = waiting.policy;
        BackOffContext begun = waiting.begun;
        if (policy != null && begun != null) {
            policy.backOff(begun);
        }
    }

    /** One template's call: stands between its back-off and the thread that sleeps. */
    private static final class Waiting implements BackOffContext, Sleeper {
        private static final long serialVersionUID = 1L;

        private final transient RetryContext context;
        private final transient Sleeper sleeper;
        private transient @Nullable BackOffPolicy policy;
        private transient @Nullable BackOffContext begun;

        private Waiting(RetryContext context, Sleeper sleeper) {
            this.context = context;
            this.sleeper = sleeper;
        }

        @Override
        public void sleep(long millis) throws InterruptedException {
            Duration hint = context.getLastThrowable() instanceof KimiException failure ? failure.retryAfter() : null;
            // rounded up: a wait that ends a moment early is rejected again
            sleeper.sleep(
                    hint == null
                            ? millis
                            : Math.max(millis, hint.plusNanos(999_999).toMillis()));
        }
    }
}
