package dev.kimi.springai;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.ai.chat.metadata.EmptyRateLimit;
import org.springframework.ai.chat.metadata.RateLimit;

class HeaderRateLimitTest {

    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

    @Test
    void claudes_headers_name_the_moment_of_a_reset() {
        RateLimit limits = HeaderRateLimit.of(
                Map.of(
                        "anthropic-ratelimit-requests-limit", "4000",
                        "anthropic-ratelimit-requests-remaining", "3999",
                        "anthropic-ratelimit-requests-reset", "2026-11-27T12:00:30Z",
                        "anthropic-ratelimit-tokens-limit", "2000000",
                        "anthropic-ratelimit-tokens-remaining", "1999000",
                        "anthropic-ratelimit-tokens-reset", "2026-11-27T11:59:59Z"),
                NOW);

        assertThat(limits.getRequestsLimit()).isEqualTo(4000);
        assertThat(limits.getRequestsRemaining()).isEqualTo(3999);
        assertThat(limits.getRequestsReset()).isEqualTo(Duration.ofSeconds(30));
        assertThat(limits.getTokensLimit()).isEqualTo(2_000_000);
        assertThat(limits.getTokensRemaining()).isEqualTo(1_999_000);
        assertThat(limits.getTokensReset()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "7, PT7S",
        "6m0s, PT6M",
        "1h2m3s, PT1H2M3S",
        "20ms, PT0.02S",
        "1.5s, PT1.5S",
        "soon, PT0S",
        "5 minutes, PT0S",
        "Tomorrow, PT0S"
    })
    void a_reset_is_read_as_a_time_or_not_at_all(String header, Duration reset) {
        RateLimit limits = HeaderRateLimit.of(Map.of("x-ratelimit-limit", "3", "x-ratelimit-reset", header), NOW);

        assertThat(limits.getRequestsLimit()).isEqualTo(3);
        assertThat(limits.getRequestsReset()).isEqualTo(reset);
    }

    @Test
    void without_headers_there_is_nothing() {
        assertThat(HeaderRateLimit.of(Map.of("retry-after", "3"), NOW)).isInstanceOf(EmptyRateLimit.class);
    }
}
