package dev.kimi.oauth2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.auth.Credentials;
import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.TimeSource;
import dev.kimi.time.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a token serves that took the place of one which was still good. */
class ReplacedTokensTest {

    private final VirtualTime time = new VirtualTime();
    private final List<CompletableFuture<Token>> fetches = new ArrayList<>();
    private final InterruptedClock clock = new InterruptedClock(time);
    private final CachedTokens tokens = new CachedTokens(
            ProviderSettings.builder("kimi.auth", time).time(clock).build(),
            "oauth2 https://auth.test/token client",
            this::fetch,
            () -> {});

    private CompletionStage<Token> fetch() {
        CompletableFuture<Token> next = new CompletableFuture<>();
        fetches.add(next);
        return next;
    }

    private Credentials arrives(int fetch, long seconds) {
        Credentials credentials = Credentials.bearer("token-" + fetch);
        fetches.get(fetch).complete(Token.of(credentials, time.nanoTime(), OptionalLong.of(seconds), 0, Duration.ZERO));
        return credentials;
    }

    private void fails(int fetch) {
        fetches.get(fetch).completeExceptionally(new ServerException("down", KimiException.Details.NONE, null));
    }

    private CompletableFuture<Credentials> ask() {
        return tokens.credentials().toCompletableFuture();
    }

    private static Duration usable(long seconds) {
        return Duration.ofNanos(Token.of(Credentials.bearer("any"), 0, OptionalLong.of(seconds), 0, Duration.ZERO)
                .remainingNanos(0));
    }

    /** From the shortest lifetime, of which the whole is less than the cache's tolerance for rewritten entries. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 60, 1000, 3600, 86_400})
    void a_token_refreshed_ahead_of_time_serves_to_the_end_of_its_own_lifetime(long seconds) {
        ask();
        arrives(0, seconds);
        time.advance(Duration.ofSeconds(seconds).multipliedBy(83).dividedBy(100));
        ask();
        Credentials fresh = arrives(1, seconds);

        int failed = 1;
        for (int hundredth = 1; hundredth < 100; hundredth++) {
            time.advance(usable(seconds).dividedBy(100));
            assertThat(ask().getNow(null))
                    .as("after %d hundredths of its lifetime", hundredth)
                    .isSameAs(fresh);
            if (fetches.size() > failed + 1) {
                fails(++failed);
            }
        }
        time.advance(usable(seconds).dividedBy(50));
        assertThat(ask().isCompletedExceptionally() || fetches.size() > failed + 1)
                .as("is replaced after its own lifetime")
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"3600, 60", "1000, 1", "86400, 3600"})
    void a_token_that_lives_shorter_than_the_one_before_is_not_given_out_after_its_own_expiry(long before, long after) {
        ask();
        arrives(0, before);
        time.advance(Duration.ofSeconds(before).multipliedBy(3).dividedBy(4));
        ask();
        Credentials fresh = arrives(1, after);
        assertThat(ask().getNow(null)).isSameAs(fresh);

        time.advance(usable(after));
        CompletableFuture<Credentials> waiting = ask();
        assertThat(waiting).isNotDone();
        Credentials next = arrives(2, after);
        assertThat(waiting.join()).isSameAs(next);
    }

    /** The caller reads the clock between finding the stale token and fetching the next one. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void a_token_that_arrives_while_a_caller_looks_at_the_stale_one_is_not_fetched_again(int reading) {
        ask();
        arrives(0, 1000);
        time.advance(Duration.ofSeconds(800));
        ask();
        assertThat(fetches).hasSize(2);

        clock.atReading(reading, () -> arrives(1, 1000));
        while (!fetches.get(1).isDone()) {
            ask();
        }

        assertThat(fetches).hasSize(2);
    }

    @Test
    void each_token_costs_one_request_however_many_follow_it() {
        ask();
        arrives(0, 1000);
        for (int second = 1; second <= 10_000; second++) {
            time.advance(Duration.ofSeconds(1));
            ask();
            int latest = fetches.size() - 1;
            if (!fetches.get(latest).isDone()) {
                arrives(latest, 1000);
            }
        }
        assertThat(fetches).as("every 750 seconds of 10,000").hasSize(1 + 10_000 / 750);
    }

    /** Lets something happen at the moment when somebody reads it. */
    private static final class InterruptedClock implements TimeSource {

        private final TimeSource time;
        private int left;
        private Runnable then = () -> {};

        private InterruptedClock(TimeSource time) {
            this.time = time;
        }

        private void atReading(int reading, Runnable happens) {
            left = reading;
            then = happens;
        }

        @Override
        public long nanoTime() {
            if (left > 0 && --left == 0) {
                then.run();
            }
            return time.nanoTime();
        }

        @Override
        public Instant now() {
            return time.now();
        }
    }
}
