package dev.kimi.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.KimiException.Details;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

    private static final RandomGenerator LARGEST = () -> -1L;
    private static final RandomGenerator SMALLEST = () -> 0L;
    private static final Duration PLENTY = Duration.ofMinutes(10);

    private final RetryPolicy standard = RetryPolicy.standard(5, Duration.ofSeconds(60));
    private final RetryPolicy classic = RetryPolicy.classic(6, 1, Duration.ofSeconds(4), Duration.ofSeconds(10));

    private static Details hint(@Nullable Duration after) {
        return Details.builder().retry(after, null).build();
    }

    private static KimiException limited(RateLimitException.Limit limit, @Nullable Duration after) {
        return new RateLimitException("429", hint(after), limit, null);
    }

    private static final KimiException SERVER = new ServerException("500", Details.NONE, null);
    private static final KimiException OVERLOADED = new OverloadedException("529", Details.NONE, null);

    private static @Nullable Duration delay(
            RetryPolicy policy, KimiException failure, int attempt, RandomGenerator random) {
        return policy.decide(new FailedAttempt(failure, attempt, PLENTY, random))
                .delay();
    }

    @Test
    void the_standard_back_off_doubles_from_its_base_up_to_the_cap() {
        assertThat(delay(standard, SERVER, 1, LARGEST)).isBetween(Duration.ofMillis(49), Duration.ofMillis(50));
        assertThat(delay(standard, SERVER, 2, LARGEST)).isBetween(Duration.ofMillis(99), Duration.ofMillis(100));
        assertThat(delay(standard, OVERLOADED, 1, LARGEST)).isBetween(Duration.ofMillis(999), Duration.ofSeconds(1));
        RetryPolicy many = RetryPolicy.standard(1000, Duration.ofSeconds(60));
        assertThat(delay(many, OVERLOADED, 100, LARGEST)).isBetween(Duration.ofSeconds(19), Duration.ofSeconds(20));
    }

    @Test
    void full_jitter_begins_at_zero() {
        assertThat(delay(standard, SERVER, 3, SMALLEST)).isEqualTo(Duration.ZERO);
    }

    @Test
    void a_hint_is_a_lower_bound_with_a_spread_above_it() {
        KimiException limited = limited(RateLimitException.Limit.REQUESTS_PER_MINUTE, Duration.ofSeconds(8));
        assertThat(delay(standard, limited, 1, SMALLEST)).isEqualTo(Duration.ofSeconds(8));
        assertThat(delay(standard, limited, 1, LARGEST)).isBetween(Duration.ofMillis(9_990), Duration.ofSeconds(10));
        KimiException longer = limited(RateLimitException.Limit.REQUESTS_PER_MINUTE, Duration.ofSeconds(40));
        assertThat(delay(standard, longer, 1, LARGEST)).isBetween(Duration.ofMillis(44_990), Duration.ofSeconds(45));
    }

    @Test
    void a_hint_below_the_shortest_back_off_is_no_reason_to_come_back_at_once() {
        KimiException hasty = limited(RateLimitException.Limit.UNKNOWN, Duration.ofMillis(1));
        assertThat(delay(standard, hasty, 1, LARGEST)).isBetween(Duration.ofMillis(999), Duration.ofSeconds(1));
        assertThat(delay(standard, hasty, 1, SMALLEST)).isEqualTo(Duration.ofMillis(1));
        KimiException quick = limited(RateLimitException.Limit.UNKNOWN, Duration.ofMillis(50));
        assertThat(delay(standard, quick, 1, LARGEST)).isBetween(Duration.ofMillis(62), Duration.ofMillis(63));
    }

    @Test
    void a_hint_beyond_the_ceiling_or_the_time_left_stops() {
        assertThat(delay(standard, limited(RateLimitException.Limit.UNKNOWN, Duration.ofSeconds(61)), 1, SMALLEST))
                .isNull();
        assertThat(delay(standard, limited(RateLimitException.Limit.UNKNOWN, Duration.ofSeconds(60)), 1, SMALLEST))
                .isEqualTo(Duration.ofSeconds(60));
        FailedAttempt late = new FailedAttempt(
                limited(RateLimitException.Limit.UNKNOWN, Duration.ofSeconds(5)), 1, Duration.ofSeconds(5), SMALLEST);
        assertThat(standard.decide(late).delay()).isNull();
        assertThat(classic.decide(late).delay()).isNull();
    }

    @Test
    void the_classic_waits_double_between_a_minimum_and_a_maximum() {
        assertThat(delay(classic, SERVER, 1, LARGEST)).isEqualTo(Duration.ofSeconds(4));
        assertThat(delay(classic, SERVER, 2, LARGEST)).isEqualTo(Duration.ofSeconds(4));
        assertThat(delay(classic, SERVER, 3, LARGEST)).isEqualTo(Duration.ofSeconds(4));
        assertThat(delay(classic, SERVER, 4, LARGEST)).isEqualTo(Duration.ofSeconds(8));
        assertThat(delay(classic, SERVER, 5, LARGEST)).isEqualTo(Duration.ofSeconds(10));
        assertThat(delay(classic, SERVER, 6, LARGEST)).isNull();
    }

    @Test
    void the_classic_policy_obeys_a_longer_hint() {
        assertThat(delay(classic, limited(RateLimitException.Limit.UNKNOWN, Duration.ofSeconds(20)), 1, LARGEST))
                .isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void a_daily_limit_is_waited_for_only_on_the_services_word() {
        for (RetryPolicy policy : List.of(standard, classic)) {
            assertThat(delay(policy, limited(RateLimitException.Limit.TOKENS_PER_DAY, null), 1, SMALLEST))
                    .isNull();
            assertThat(delay(
                            policy,
                            limited(RateLimitException.Limit.TOKENS_PER_DAY, Duration.ofSeconds(30)),
                            1,
                            SMALLEST))
                    .isEqualTo(Duration.ofSeconds(30));
        }
    }

    @Test
    void what_cannot_pass_is_never_tried_again() {
        List<KimiException> final_ = List.of(
                new AuthenticationException("", Details.NONE, null),
                new PermissionException("", Details.NONE, null),
                new InvalidRequestException("", Details.NONE, null, null),
                new QuotaExceededException("", Details.NONE, null),
                new ContentFilteredException("", Details.NONE, null),
                new DeadlineExceededException("", Details.NONE, DeadlineExceededException.Phase.IDLE, null));
        for (RetryPolicy policy : List.of(standard, classic, RetryPolicy.never())) {
            for (KimiException failure : final_) {
                assertThat(delay(policy, failure, 1, SMALLEST)).isNull();
            }
        }
        assertThat(delay(standard, new TransportException("", Details.NONE, true, null), 1, SMALLEST))
                .isNotNull();
    }

    @Test
    void the_last_attempt_is_the_last() {
        assertThat(delay(RetryPolicy.standard(3, PLENTY), SERVER, 2, SMALLEST)).isNotNull();
        assertThat(delay(RetryPolicy.standard(3, PLENTY), SERVER, 3, SMALLEST)).isNull();
        assertThat(delay(RetryPolicy.standard(1, PLENTY), SERVER, 1, SMALLEST)).isNull();
    }

    @Test
    void the_classic_policy_takes_its_bounds_and_nothing_beyond() {
        Duration same = Duration.ofSeconds(4);
        assertThat(delay(RetryPolicy.classic(2, 1, same, same), SERVER, 1, LARGEST))
                .isEqualTo(same);
        assertThat(delay(RetryPolicy.classic(1, 1, Duration.ZERO, same), SERVER, 1, LARGEST))
                .isNull();
        assertThat(delay(
                        classic,
                        limited(RateLimitException.Limit.REQUESTS_PER_MINUTE, Duration.ofSeconds(60)),
                        1,
                        LARGEST))
                .isEqualTo(Duration.ofSeconds(60));

        assertThatIllegalArgumentException().isThrownBy(() -> RetryPolicy.classic(0, 1, same, same));
        assertThatIllegalArgumentException().isThrownBy(() -> RetryPolicy.classic(1, 0, same, same));
        assertThatIllegalArgumentException().isThrownBy(() -> RetryPolicy.classic(1, 1, same, Duration.ofSeconds(3)));
        assertThatIllegalArgumentException().isThrownBy(() -> RetryPolicy.classic(1, 1, Duration.ofSeconds(-1), same));
    }

    @Test
    void a_full_queue_of_the_pool_can_pass_and_one_before_the_first_attempt_cannot() {
        assertThat(delay(standard, queueFull(1), 1, LARGEST)).isNotNull();
        assertThat(delay(standard, queueFull(0), 1, LARGEST)).isNull();
    }

    private static KimiException queueFull(int attempts) {
        return new RejectedException(
                "full", Details.builder().attempts(attempts).build(), RejectedException.Reason.QUEUE_FULL, null);
    }
}
