package dev.kimi.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.time.VirtualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalQuotaTest {

    private final VirtualTime time = new VirtualTime();

    private static Reservation granted(QuotaDecision decision) {
        assertThat(decision).isInstanceOf(QuotaDecision.Granted.class);
        return ((QuotaDecision.Granted) decision).reservation();
    }

    private static QuotaRequest request(long tokens) {
        return QuotaRequest.builder("a").booked(0, tokens).build();
    }

    private static Settlement used(long tokens) {
        return Settlement.completed(0, tokens);
    }

    @Test
    void a_rejected_request_books_nothing() {
        LocalQuota quota = new LocalQuota(time, 0, 2, 100);
        granted(quota.reserve(request(60)));
        assertThat(quota.reserve(request(60))).isInstanceOf(QuotaDecision.Later.class);
        // had the rejected one booked its request, this would be the third of two
        granted(quota.reserve(request(40)));
    }

    @Test
    void the_wait_that_is_named_is_exactly_enough() {
        LocalQuota quota = new LocalQuota(time, 0, 0, 1000);
        granted(quota.reserve(request(1000)));
        QuotaDecision.Later later = (QuotaDecision.Later) quota.reserve(request(500));
        assertThat(later.delay()).isEqualTo(Duration.ofSeconds(30));
        time.advance(later.delay().minusNanos(1));
        assertThat(quota.reserve(request(500))).isInstanceOf(QuotaDecision.Later.class);
        time.advance(Duration.ofNanos(1));
        granted(quota.reserve(request(500)));
    }

    @Test
    void unused_tokens_come_back_and_overuse_becomes_debt() {
        LocalQuota quota = new LocalQuota(time, 0, 0, 1000);
        granted(quota.reserve(request(1000))).settle(used(100));
        granted(quota.reserve(request(900))).settle(used(1400));
        QuotaDecision.Later later = (QuotaDecision.Later) quota.reserve(request(500));
        assertThat(later.delay()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void a_reset_forgets_what_was_booked_and_a_reservation_from_before_gives_nothing_back() {
        LocalQuota quota = new LocalQuota(time, 0, 0, 1000);
        Reservation before = granted(quota.reserve(request(1000)));

        quota.reset();

        granted(quota.reserve(request(1000)));
        before.settle(Settlement.notCounted());
        assertThat(quota.reserve(request(1))).isInstanceOf(QuotaDecision.Later.class);
    }

    @Test
    void a_reset_leaves_the_places_of_concurrent_calls_taken() {
        LocalQuota quota = new LocalQuota(time, 1, 0, 0);
        Reservation before = granted(quota.reserve(request(1)));

        quota.reset();

        assertThat(quota.reserve(request(1))).isInstanceOf(QuotaDecision.Later.class);
        before.settle(used(1));
        granted(quota.reserve(request(1)));
    }

    @Test
    void a_request_that_never_left_is_given_back_whole() {
        LocalQuota quota = new LocalQuota(time, 1, 1, 10);
        granted(quota.reserve(request(10))).settle(Settlement.notCounted());
        granted(quota.reserve(request(10)));
    }

    @Test
    void settling_twice_counts_once() {
        LocalQuota quota = new LocalQuota(time, 1, 0, 0);
        Reservation first = granted(quota.reserve(request(1)));
        first.settle(used(1));
        first.settle(used(1));
        granted(quota.reserve(request(1)));
        assertThat(quota.reserve(request(1))).isInstanceOf(QuotaDecision.Later.class);
    }

    /** After a full burst the rate holds: in any window of a minute no more than the limit and that burst. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void in_any_minute_no_more_is_granted_than_the_limit_and_one_burst(long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        LocalQuota quota = new LocalQuota(time, 0, 0, 1000);
        Deque<long[]> lastMinute = new ArrayDeque<>();
        long sum = 0;
        for (int i = 0; i < 5_000; i++) {
            time.advance(Duration.ofMillis(random.nextInt(100)));
            long tokens = 1 + random.nextInt(50);
            if (quota.reserve(request(tokens)) instanceof QuotaDecision.Granted) {
                lastMinute.add(new long[] {time.nanoTime(), tokens});
                sum += tokens;
            }
            while (!lastMinute.isEmpty()
                    && time.nanoTime() - lastMinute.peek()[0]
                            >= Duration.ofMinutes(1).toNanos()) {
                sum -= lastMinute.poll()[1];
            }
            assertThat(sum).isLessThanOrEqualTo(2000);
        }
        assertThat(sum).as("and the limit is used").isGreaterThan(900);
    }
}
