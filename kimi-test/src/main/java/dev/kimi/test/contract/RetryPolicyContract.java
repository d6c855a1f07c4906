package dev.kimi.test.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.KimiException.Details;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RateLimitException.Limit;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.retry.FailedAttempt;
import dev.kimi.retry.RetryDecision;
import dev.kimi.retry.RetryPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link RetryPolicy} must do. */
@Timeout(60)
public abstract class RetryPolicyContract {

    private static final Duration LONG = Duration.ofMinutes(15);
    private static final Duration HINT = Duration.ofSeconds(12);

    /** Makes the policy to be tested; it must allow at least two attempts, and hints of 12 s. */
    protected abstract RetryPolicy policy();

    @Test
    void tries_again_what_can_pass() {
        for (KimiException failure : passing(null)) {
            assertNotNull(decide(failure, 1, LONG).delay(), failure::toString);
        }
    }

    @Test
    void stops_at_what_cannot_pass() {
        for (KimiException failure : lasting()) {
            assertNull(decide(failure, 1, LONG).delay(), failure::toString);
        }
    }

    @Test
    void stops_some_day() {
        for (KimiException failure : passing(null)) {
            assertNull(decide(failure, 10_000, LONG).delay(), failure::toString);
        }
    }

    @Test
    void never_comes_before_the_service_allows_it() {
        for (KimiException failure : passing(HINT)) {
            for (long seed = 0; seed < 50; seed++) {
                Duration delay =
                        decide(failure, 1, LONG, new SplittableRandom(seed)).delay();
                assertNotNull(delay, failure::toString);
                assertTrue(delay.compareTo(HINT) >= 0, () -> "the hint is " + HINT + ", waits " + delay);
            }
        }
    }

    @Test
    void never_waits_past_the_deadline() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 2_000; i++) {
            Duration remaining = Duration.ofMillis(random.nextLong(0, 30_000));
            Duration hint = i % 2 == 0 ? null : Duration.ofMillis(random.nextLong(0, 60_000));
            for (KimiException failure : passing(hint)) {
                Duration delay = decide(failure, 1 + i % 3, remaining, random).delay();
                assertTrue(
                        delay == null || (!delay.isNegative() && delay.compareTo(remaining) <= 0),
                        () -> delay + " with " + remaining + " left");
            }
        }
    }

    @Test
    void copes_with_the_edges_of_chance() {
        for (double edge : new double[] {0, Math.nextDown(1.0)}) {
            RandomGenerator random = new RandomGenerator() {
                @Override
                public long nextLong() {
                    return edge == 0 ? 0 : -1;
                }

                @Override
                public double nextDouble() {
                    return edge;
                }
            };
            for (KimiException failure : passing(null)) {
                Duration delay = decide(failure, 1, LONG, random).delay();
                assertNotNull(delay);
                assertFalse(delay.isNegative());
            }
        }
    }

    @Test
    void decides_the_same_for_the_same_chance() {
        RetryPolicy policy = policy();
        for (KimiException failure : passing(null)) {
            FailedAttempt one = new FailedAttempt(failure, 1, LONG, new SplittableRandom(7));
            FailedAttempt two = new FailedAttempt(failure, 1, LONG, new SplittableRandom(7));
            assertEquals(policy.decide(one).delay(), policy.decide(two).delay());
        }
    }

    @Test
    void can_be_called_by_many_threads() throws InterruptedException, ExecutionException {
        RetryPolicy policy = policy();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Integer>> tasks = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                SplittableRandom random = new SplittableRandom(t);
                tasks.add(() -> retriesOf(policy, random));
            }
            int expected = 2_000 * passing(null).size();
            for (Future<Integer> retries : threads.invokeAll(tasks)) {
                assertEquals(expected, retries.get());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static int retriesOf(RetryPolicy policy, RandomGenerator random) {
        int retries = 0;
        for (int i = 0; i < 2_000; i++) {
            for (KimiException failure : passing(null)) {
                RetryDecision decision = policy.decide(new FailedAttempt(failure, 1, LONG, random));
                retries += decision.delay() == null ? 0 : 1;
            }
        }
        return retries;
    }

    private RetryDecision decide(KimiException failure, int attempt, Duration remaining) {
        return decide(failure, attempt, remaining, new SplittableRandom(attempt));
    }

    private RetryDecision decide(KimiException failure, int attempt, Duration remaining, RandomGenerator random) {
        return policy().decide(new FailedAttempt(failure, attempt, remaining, random));
    }

    private static List<KimiException> passing(@Nullable Duration hint) {
        Details details = Details.builder().attempts(1).retry(hint, null).build();
        return List.of(
                new RateLimitException("too many requests", details, Limit.REQUESTS_PER_MINUTE, null),
                new RateLimitException("too many at once", details, Limit.CONCURRENCY, null),
                new OverloadedException("overloaded", details, null),
                new ServerException("internal error", details, null),
                new TransportException("reset", details, true, null));
    }

    private static List<KimiException> lasting() {
        Details details = Details.builder().attempts(1).build();
        return List.of(
                new AuthenticationException("bad key", details, null),
                new PermissionException("not yours", details, null),
                new InvalidRequestException("bad request", details, null, null),
                new QuotaExceededException("no money", details, null),
                new ContentFilteredException("filtered", details, null));
    }
}
