package dev.kimi.internal.governor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetryRatioTest {

    private static final long SECOND = 1_000_000_000L;
    /** Near the end of the clock's range, which monotonic clocks may start at. */
    private static final long START = Long.MAX_VALUE - 5 * SECOND;

    @Test
    void a_client_that_sends_little_may_still_repeat_a_call() {
        RetryRatio ratio = new RetryRatio(START);
        ratio.firstAttempt(START);

        int allowed = 0;
        while (ratio.take(START) != null) {
            allowed++;
        }

        assertThat(allowed).isEqualTo(1 + RetryRatio.RESERVE);
        assertThat(ratio.take(START + SECOND - 1)).isNull();
        assertThat(ratio.take(START + SECOND)).isNotNull();
        assertThat(ratio.take(START + SECOND)).isNull();
    }

    @Test
    void a_share_of_many_calls_may_be_repeated() {
        RetryRatio ratio = new RetryRatio(START);
        for (int i = 0; i < 1_000; i++) {
            ratio.firstAttempt(START);
        }

        int allowed = 0;
        while (ratio.take(START) != null) {
            allowed++;
        }

        assertThat(allowed).isEqualTo(50 + 1 + RetryRatio.RESERVE);
    }

    @Test
    void a_retry_that_is_not_made_goes_back_to_where_it_was_taken_from() {
        RetryRatio ratio = new RetryRatio(START);
        RetryRatio.Source share = ratio.take(START);
        RetryRatio.Source reserve = ratio.take(START);
        assertThat(share).isEqualTo(RetryRatio.Source.SHARE);
        assertThat(reserve).isEqualTo(RetryRatio.Source.RESERVE);

        ratio.giveBack(reserve, START);
        ratio.giveBack(share, START);

        int allowed = 0;
        while (ratio.take(START) != null) {
            allowed++;
        }
        assertThat(allowed).isEqualTo(1 + RetryRatio.RESERVE);
    }

    @Test
    void what_was_sent_a_minute_ago_counts_no_longer() {
        RetryRatio ratio = new RetryRatio(START);
        for (int i = 0; i < 1_000; i++) {
            ratio.firstAttempt(START);
        }
        long later = START + 60 * SECOND;
        for (int i = 0; i < 1 + RetryRatio.RESERVE; i++) {
            assertThat(ratio.take(later)).isNotNull();
        }

        assertThat(ratio.take(later)).isNull();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void in_every_minute_retries_stay_below_the_share_and_the_reserve(long seed) {
        Random random = new Random(seed);
        RetryRatio ratio = new RetryRatio(START);
        List<Long> firsts = new ArrayList<>();
        List<Long> retries = new ArrayList<>();
        long now = START;
        for (int i = 0; i < 20_000; i++) {
            now += (long) (random.nextDouble() * (random.nextInt(100) == 0 ? 10 * SECOND : SECOND / 50));
            if (random.nextInt(4) > 0) {
                ratio.firstAttempt(now);
                firsts.add(now);
            } else if (ratio.take(now) != null) {
                retries.add(now);
                // the share is of the minute before each retry, and those of the last minute saw two of them
                long within = count(firsts, now, 120);
                assertThat(count(retries, now, 60))
                        .as("retries after %d first attempts", within)
                        .isLessThanOrEqualTo((long) (RetryRatio.SHARE * within + 1 + 60 + RetryRatio.RESERVE));
            }
        }
        assertThat(retries).isNotEmpty();
    }

    private static long count(List<Long> moments, long now, int seconds) {
        long count = 0;
        for (int i = moments.size() - 1; i >= 0 && now - moments.get(i) < seconds * SECOND; i--) {
            count++;
        }
        return count;
    }
}
