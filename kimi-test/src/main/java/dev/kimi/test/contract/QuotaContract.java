package dev.kimi.test.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.quota.Reservation;
import dev.kimi.quota.Settlement;
import dev.kimi.time.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link Quota} must do, seen from one instance that has the account to itself. */
@Timeout(60)
public abstract class QuotaContract {

    private static final int CONCURRENCY = 8;
    private static final int REQUESTS = 60;
    private static final int TOKENS = 6_000;
    private static final String ACCOUNT = "account";

    private final VirtualTime time = new VirtualTime();

    /**
     * Makes the quota to be tested, well rested.
     *
     * @param clock the time to run on
     * @param concurrency calls at the same time
     * @param requests requests per minute
     * @param tokens tokens per minute
     */
    protected abstract Quota quota(VirtualTime clock, int concurrency, int requests, int tokens);

    @Test
    void grants_what_is_within_the_limits() {
        Quota quota = quota();

        for (int i = 0; i < CONCURRENCY; i++) {
            granted(quota, 10);
        }
    }

    @Test
    void holds_the_concurrency_until_something_is_settled() {
        Quota quota = quota();
        List<Reservation> held = new ArrayList<>();
        for (int i = 0; i < CONCURRENCY; i++) {
            held.add(granted(quota, 10));
        }

        assertTrue(later(quota, 10).compareTo(Duration.ZERO) > 0);
        held.get(0).settle(used(10));
        granted(quota, 10);
        later(quota, 10);
    }

    @Test
    void holds_the_requests_of_a_minute() {
        Quota quota = quota();

        int sent = sendFor(quota, Duration.ofMinutes(5), 1);

        assertTrue(sent <= 6 * REQUESTS, () -> sent + " requests in 5 minutes and a burst, limit " + REQUESTS);
        assertTrue(sent >= 4 * REQUESTS, () -> "only " + sent + " requests in 5 minutes, limit " + REQUESTS);
    }

    @Test
    void holds_the_tokens_of_a_minute() {
        Quota quota = quota();

        int sent = sendFor(quota, Duration.ofMinutes(5), 1_000);

        assertTrue(sent <= 36, () -> sent + " times 1000 tokens in 5 minutes and a burst, limit " + TOKENS);
        assertTrue(sent >= 24, () -> "only " + sent + " times 1000 tokens in 5 minutes, limit " + TOKENS);
    }

    @Test
    void keeps_the_time_it_names() {
        Quota quota = quota();
        granted(quota, TOKENS).settle(used(TOKENS));
        Duration wait = later(quota, TOKENS / 2);

        time.advance(wait);

        granted(quota, TOKENS / 2);
    }

    @Test
    void reserves_nothing_when_it_does_not_grant() {
        Quota quota = quota();
        granted(quota, TOKENS - 100).settle(used(TOKENS - 100));

        for (int i = 0; i < 10 * REQUESTS; i++) {
            later(quota, 1_000);
        }

        for (int i = 0; i < 10; i++) {
            granted(quota, 10).settle(used(10));
        }
    }

    @Test
    void says_never_to_what_is_larger_than_the_limit() {
        QuotaDecision decision = quota().reserve(request(TOKENS + 1L));

        QuotaDecision.Never never = assertInstanceOf(QuotaDecision.Never.class, decision);
        assertFalse(never.reason().isBlank());
    }

    @Test
    void refunds_what_was_not_used() {
        Quota quota = quota();

        for (int i = 0; i < REQUESTS / 2; i++) {
            granted(quota, TOKENS - REQUESTS).settle(used(1));
        }
    }

    @Test
    void refunds_the_request_too_when_it_was_not_sent() {
        Quota quota = quota();

        for (int i = 0; i < 3 * REQUESTS; i++) {
            granted(quota, 1_000).settle(Settlement.notCounted());
        }
    }

    @Test
    void books_what_was_used_beyond_the_reservation() {
        Quota quota = quota();
        granted(quota, 10).settle(used(TOKENS));

        later(quota, 1_000);
    }

    @Test
    void lets_the_reservation_stand_when_the_use_is_not_known() {
        Quota quota = quota();
        granted(quota, TOKENS).settle(Settlement.unknown(request(TOKENS)));

        later(quota, 1_000);
        for (int i = 0; i < CONCURRENCY; i++) {
            assertInstanceOf(QuotaDecision.Later.class, quota.reserve(request(1_000)));
        }
    }

    @Test
    void books_input_and_output_together_against_the_tokens_of_a_minute() {
        Quota quota = quota();
        QuotaRequest half = QuotaRequest.builder(ACCOUNT)
                .inputTokens(TOKENS / 4)
                .outputCap(TOKENS / 4)
                .booked(TOKENS / 4, TOKENS / 4)
                .build();

        for (int i = 0; i < 2; i++) {
            assertInstanceOf(QuotaDecision.Granted.class, quota.reserve(half));
        }

        later(quota, 1);
    }

    @Test
    void lets_the_reservation_stand_when_a_call_succeeded_without_a_usage() {
        Quota quota = quota();
        granted(quota, TOKENS)
                .settle(Settlement.builder(Settlement.Outcome.COMPLETED)
                        .asBooked(0, TOKENS)
                        .rateLimits(Map.of("x-ratelimit-remaining-requests", "59"))
                        .build());

        later(quota, 1_000);
    }

    @Test
    void notifies_nobody_of_capacity_who_has_closed_the_subscription() {
        Quota quota = quota();
        AtomicInteger notified = new AtomicInteger();
        Quota.Subscription subscription = quota.subscribe("another", notified::incrementAndGet);
        subscription.close();
        int before = notified.get();
        List<Reservation> held = new ArrayList<>();
        for (int i = 0; i < CONCURRENCY; i++) {
            held.add(granted(quota, 10));
        }
        later(quota, 10);

        held.forEach(reservation -> reservation.settle(used(10)));
        time.advance(Duration.ofMinutes(1));

        assertEquals(before, notified.get());
    }

    @Test
    void a_reset_leaves_taken_places_taken_and_breaks_no_limit() {
        Quota quota = quota();
        List<Reservation> held = new ArrayList<>();
        for (int i = 0; i < CONCURRENCY; i++) {
            held.add(granted(quota, 10));
        }

        quota.reset();

        later(quota, 10);
        held.forEach(reservation -> reservation.settle(Settlement.notCounted()));
        granted(quota, TOKENS - 10 * CONCURRENCY).settle(used(TOKENS));
        later(quota, 1_000);
    }

    @Test
    void many_threads_never_pass_the_concurrency() throws InterruptedException, ExecutionException {
        Quota quota = quota(time, CONCURRENCY, 1_000_000, 1_000_000_000);
        AtomicInteger inFlight = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try {
            List<Future<?>> workers = new ArrayList<>();
            for (int t = 0; t < 16; t++) {
                workers.add(threads.submit(() -> work(quota, inFlight, most)));
            }
            for (Future<?> worker : workers) {
                worker.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertTrue(most.get() <= CONCURRENCY, () -> most + " at the same time, limit " + CONCURRENCY);
        assertEquals(0, inFlight.get());
    }

    private static void work(Quota quota, AtomicInteger inFlight, AtomicInteger most) {
        for (int i = 0; i < 2_000; i++) {
            if (quota.reserve(request(10)) instanceof QuotaDecision.Granted granted) {
                most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
                inFlight.decrementAndGet();
                granted.reservation().settle(used(10));
            }
        }
    }

    /** Sends whenever it may for so long, and returns how often that was. */
    private int sendFor(Quota quota, Duration span, long tokens) {
        long end = time.nanoTime() + span.toNanos();
        int sent = 0;
        while (time.nanoTime() < end) {
            QuotaDecision decision = quota.reserve(request(tokens));
            if (decision instanceof QuotaDecision.Granted granted) {
                sent++;
                granted.reservation().settle(used(tokens));
            } else {
                Duration wait =
                        assertInstanceOf(QuotaDecision.Later.class, decision).delay();
                assertTrue(wait.compareTo(Duration.ZERO) > 0, () -> "asked to wait " + wait);
                time.advance(wait);
            }
        }
        return sent;
    }

    private Quota quota() {
        return quota(time, CONCURRENCY, REQUESTS, TOKENS);
    }

    private static QuotaRequest request(long tokens) {
        return QuotaRequest.builder(ACCOUNT)
                .model("kimi-k3")
                .modelClass("kimi-k3")
                .outputCap(tokens)
                .booked(0, tokens)
                .build();
    }

    private static Settlement used(long tokens) {
        return Settlement.completed(0, tokens);
    }

    private static Reservation granted(Quota quota, long tokens) {
        return assertInstanceOf(QuotaDecision.Granted.class, quota.reserve(request(tokens)))
                .reservation();
    }

    private static Duration later(Quota quota, long tokens) {
        return assertInstanceOf(QuotaDecision.Later.class, quota.reserve(request(tokens)))
                .delay();
    }
}
