package dev.kimi.samples.customprovider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.ServerException;
import dev.kimi.retry.FailedAttempt;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.test.contract.RetryPolicyContract;
import java.time.Duration;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PatientRetryPolicyTest extends RetryPolicyContract {

    private static final Duration AN_HOUR = Duration.ofHours(1);

    @Override
    protected RetryPolicy policy() {
        return new PatientRetryPolicy(10, Duration.ofSeconds(5));
    }

    @Test
    void waits_a_little_longer_each_time_and_stops_after_the_last() {
        KimiException failure = new ServerException("broken", KimiException.Details.NONE, null);

        assertThat(delay(failure, 1, AN_HOUR)).isBetween(Duration.ofSeconds(5), Duration.ofMillis(6_250));
        assertThat(delay(failure, 4, AN_HOUR)).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(25));
        assertThat(delay(failure, 10, AN_HOUR)).isNull();
    }

    @Test
    void obeys_a_long_hint_if_the_deadline_allows_it() {
        Duration hint = Duration.ofMinutes(30);
        KimiException limited = new RateLimitException(
                "slow down",
                KimiException.Details.builder().retry(hint, null).build(),
                RateLimitException.Limit.REQUESTS_PER_MINUTE,
                null);

        assertThat(delay(limited, 1, AN_HOUR)).isBetween(hint, hint.plusMinutes(8));
        assertThat(delay(limited, 1, Duration.ofMinutes(10))).isNull();
    }

    @Test
    void does_not_repeat_what_was_wrong() {
        KimiException wrong = new InvalidRequestException("wrong", KimiException.Details.NONE, null, null);

        assertThat(delay(wrong, 1, AN_HOUR)).isNull();
    }

    private @Nullable Duration delay(KimiException failure, int attempt, Duration remaining) {
        return policy().decide(new FailedAttempt(failure, attempt, remaining, new SplittableRandom(1)))
                .delay();
    }
}
