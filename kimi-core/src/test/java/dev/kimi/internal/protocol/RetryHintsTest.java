package dev.kimi.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.transport.Headers;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryHintsTest {

    /** Two minutes off the clock of the services below. */
    private static final Instant NOW = Instant.parse("1994-11-06T08:51:37Z");

    @ParameterizedTest
    @CsvSource({
        "retry-after, 20, 20000",
        "retry-after, ' 7 ', 7000",
        "retry-after, 1.5, 1500",
        "retry-after, 0.0001, 1",
        "retry-after, 1e2, 100000",
        "retry-after, 7999, 7999000",
        "retry-after-ms, 250, 250",
        "x-retry-after, 3, 3000",
        "msh-cooldown-seconds, 4, 4000"
    })
    void reads_numbers(String name, String value, long millis) {
        assertThat(find(name, value)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sun, 06 Nov 1994 08:50:07 GMT",
                "Sunday, 06-Nov-94 08:50:07 GMT",
                "Sun Nov  6 08:50:07 1994",
                "Sun, 6 Nov 1994 08:50:07 GMT"
            })
    void reads_dates_relative_to_the_responses_own(String date) {
        Headers headers = Headers.builder()
                .add("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
                .add("Retry-After", date)
                .build();

        assertThat(RetryHints.find(headers, null, NOW)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void reads_dates_relative_to_the_clock_where_the_response_has_none() {
        assertThat(find("retry-after", "Sun, 06 Nov 1994 08:52:07 GMT")).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void a_date_that_is_not_in_the_future_is_no_hint() {
        assertThat(find("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")).isNull();
        assertThat(find("x-retry-after", "Thu, 01 Jan 1970 00:00:00 GMT")).isNull();
        Headers headers = Headers.builder()
                .add("Date", "Sun, 06 Nov 1994 08:59:37 GMT")
                .add("Retry-After", "Sun, 06 Nov 1994 08:59:37 GMT")
                .build();
        assertThat(RetryHints.find(headers, null, NOW)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "retry-after, 0",
        "Retry-After, 0.0",
        "retry-after, 00",
        "retry-after, 0e5",
        "retry-after-ms, 0",
        "x-retry-after, 0",
        "msh-cooldown-seconds, 0"
    })
    void zero_is_no_hint(String name, String value) {
        assertThat(find(name, value)).isNull();
        assertThat(RetryHints.find(Headers.empty(), "try again after 0 seconds", NOW))
                .isNull();
        assertThat(RetryHints.ofMember("retryDelay", "0s")).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NaN",
                "Infinity",
                "-Infinity",
                "-1",
                "-0.5",
                "",
                " ",
                "soon",
                "1e99",
                "99999999999999999999",
                "0x10",
                "1d",
                "1,5",
                "Sun, 06 Nov",
                "Sun, 99 Nov 1994 08:49:37 GMT"
            })
    void what_makes_no_sense_is_no_hint(String value) {
        assertThat(find("retry-after", value)).isNull();
        assertThat(find("retry-after-ms", value)).isNull();
        assertThat(find("x-retry-after", value)).isNull();
    }

    @Test
    void an_endless_value_is_no_hint() {
        assertThat(find("retry-after", "1".repeat(100_000))).isNull();
        assertThat(find("retry-after", " ".repeat(100_000))).isNull();
    }

    @Test
    void a_wait_that_nobody_waits_is_clamped() {
        assertThat(RetryHints.LONGEST).isEqualTo(Duration.ofDays(31));
        assertThat(find("retry-after", "2678401")).isEqualTo(RetryHints.LONGEST);
        assertThat(find("retry-after", "2678399")).isEqualTo(RetryHints.LONGEST.minusSeconds(1));
        assertThat(find("retry-after", "100000000")).isEqualTo(RetryHints.LONGEST);
        assertThat(find("x-retry-after", "100000000")).isEqualTo(RetryHints.LONGEST);
        assertThat(find("retry-after-ms", "100000000000")).isEqualTo(RetryHints.LONGEST);
        assertThat(find("msh-cooldown-seconds", "100000000")).isEqualTo(RetryHints.LONGEST);
        assertThat(RetryHints.find(Headers.empty(), "try again after 999999999 seconds", NOW))
                .isEqualTo(RetryHints.LONGEST);
        assertThat(RetryHints.find(Headers.empty(), "try again in 99999h", NOW)).isEqualTo(RetryHints.LONGEST);
        assertThat(find("retry-after", "Sun, 06 Nov 2050 08:49:37 GMT")).isEqualTo(RetryHints.LONGEST);
    }

    @Test
    void of_hints_that_disagree_the_longest_counts() {
        Headers.Builder headers = Headers.builder().add("retry-after", "9");
        assertThat(RetryHints.find(headers.build(), "try again after 8 seconds", NOW))
                .isEqualTo(Duration.ofSeconds(9));
        assertThat(RetryHints.find(headers.build(), "try again after 20 seconds", NOW))
                .isEqualTo(Duration.ofSeconds(20));
        headers.add("x-retry-after", "8");
        assertThat(RetryHints.find(headers.build(), null, NOW)).isEqualTo(Duration.ofSeconds(9));
        headers.add("retry-after-ms", "9500");
        assertThat(RetryHints.find(headers.build(), null, NOW)).isEqualTo(Duration.ofMillis(9500));
        headers.add("retry-after", "0");
        headers.add("Retry-After", "Sun, 06 Nov 1994 08:52:07 GMT");
        assertThat(RetryHints.find(headers.build(), null, NOW)).isEqualTo(Duration.ofSeconds(30));
    }

    @ParameterizedTest
    @CsvSource({
        "retryDelay, 3s, 3000",
        "retryDelay, 3.5s, 3500",
        "retryDelay, 1200ms, 1200",
        "retryDelay, 34.074824224s, 34075",
        "retry_delay, 2m, 120000",
        "retry_after, 7, 7000",
        "retry_after, 1.5, 1500",
        "retryAfter, 2, 2000",
        "retry_after_ms, 250, 250",
        "retryAfterMs, 250, 250",
        "retry_after_seconds, 4, 4000",
        "Retry-After, 5, 5000"
    })
    void reads_members_of_the_body(String name, String value, long millis) {
        assertThat(RetryHints.isName(name)).isTrue();
        assertThat(RetryHints.ofMember(name, value)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-3s", "NaN", "soon", "3 apples", "", "99999999999999999999s", "2024-01-01T00:00:00Z"})
    void a_member_that_makes_no_sense_is_no_hint(String value) {
        assertThat(RetryHints.ofMember("retryDelay", value)).isNull();
        assertThat(RetryHints.ofMember("retry_after", null)).isNull();
    }

    @Test
    void a_spelling_without_sense_gives_way_to_the_next() {
        Headers headers = Headers.builder()
                .add("retry-after-ms", "NaN")
                .add("x-retry-after", "-3")
                .add("retry-after", "9")
                .build();

        assertThat(RetryHints.find(headers, null, NOW)).isEqualTo(Duration.ofSeconds(9));
    }

    @ParameterizedTest
    @CsvSource({
        "'request reached max RPM: 3, please try again after 1 seconds', 1000",
        "'Please try again in 20s.', 20000",
        "'Please try again in 850ms.', 850",
        "'Please try again in 1m30.5s. Visit', 90500",
        "'Please try again in 6m0s', 360000",
        "'Please try again in 2h', 7200000",
        "'Try Again After 5 minutes', 300000",
        "'Retry after 12 seconds', 12000",
        "'Retry in 2h 3min.', 7380000",
        "'Please retry in 34.07s.', 34070",
        "'Please wait 3600 seconds before retrying', 3600000",
        "'Try again in 12 sec', 12000",
        "'请求过于频繁,请30秒后重试', 30000",
        "'请在 2 分钟后再试', 120000"
    })
    void reads_the_message(String message, long millis) {
        assertThat(RetryHints.find(Headers.empty(), message, NOW)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "please try again later",
                "try again in a while",
                "limit: 5 seconds",
                "try again after",
                "try again after NaN seconds",
                "try again after Infinity seconds",
                "try again after -5 seconds",
                "try again after 99999999999999999999 seconds",
                "try again in 999999h"
            })
    void a_message_without_a_time_is_no_hint(String message) {
        assertThat(RetryHints.find(Headers.empty(), message, NOW)).isNull();
    }

    @Test
    void a_limit_that_is_used_up_says_when_it_is_full_again() {
        Headers headers = Headers.builder()
                .add("date", "Sun, 06 Nov 1994 08:49:37 GMT")
                .add("anthropic-ratelimit-requests-remaining", "0")
                .add("anthropic-ratelimit-requests-reset", "1994-11-06T08:49:47Z")
                .add("anthropic-ratelimit-input-tokens-remaining", "0")
                .add("anthropic-ratelimit-input-tokens-reset", "1994-11-06T08:49:57Z")
                .add("anthropic-ratelimit-tokens-remaining", "17000")
                .add("anthropic-ratelimit-tokens-reset", "1994-11-06T09:49:37Z")
                .build();

        assertThat(RetryHints.find(headers, null, NOW)).isEqualTo(Duration.ofSeconds(20));
    }

    private static @Nullable Duration find(String name, String value) {
        return RetryHints.find(Headers.builder().add(name, value).build(), null, NOW);
    }
}
