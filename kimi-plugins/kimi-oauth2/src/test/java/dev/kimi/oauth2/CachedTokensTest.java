package dev.kimi.oauth2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.kimi.auth.Credentials;
import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.VirtualTime;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class CachedTokensTest {

    private final VirtualTime time = new VirtualTime();
    private final List<CompletableFuture<Token>> fetches = new ArrayList<>();
    private @Nullable IllegalStateException broken;
    private RandomGenerator random = () -> 0L;
    private final CachedTokens tokens = new CachedTokens(
            ProviderSettings.builder("kimi.auth", time)
                    .time(time)
                    .random(() -> random.nextLong())
                    .build(),
            "oauth2 https://auth.test/token client",
            this::fetch,
            () -> {});

    private synchronized CompletionStage<Token> fetch() {
        if (broken != null) {
            throw broken;
        }
        CompletableFuture<Token> next = new CompletableFuture<>();
        fetches.add(next);
        return next;
    }

    private Credentials arrives(int fetch, String value, long seconds) {
        Credentials credentials = Credentials.bearer(value);
        fetches.get(fetch).complete(Token.of(credentials, time.nanoTime(), OptionalLong.of(seconds), 0, Duration.ZERO));
        return credentials;
    }

    private void fails(int fetch) {
        fetches.get(fetch).completeExceptionally(new ServerException("down", KimiException.Details.NONE, null));
    }

    private CompletableFuture<Credentials> ask() {
        return tokens.credentials().toCompletableFuture();
    }

    @Test
    void waiters_share_one_fetch_and_a_hit_is_always_the_same_object() {
        CompletableFuture<Credentials> one = ask();
        CompletableFuture<Credentials> other = ask();
        assertThat(fetches).hasSize(1);
        Credentials arrived = arrives(0, "a", 3600);

        assertThat(one.join()).isSameAs(arrived);
        assertThat(other.join()).isSameAs(arrived);
        assertThat(tokens.credentials()).isSameAs(tokens.credentials());
    }

    @Test
    void a_waiter_that_is_cancelled_does_not_end_the_fetch_of_the_others() {
        CompletableFuture<Credentials> impatient = ask();
        CompletableFuture<Credentials> patient = ask();
        impatient.cancel(true);
        Credentials arrived = arrives(0, "a", 3600);
        assertThat(patient.join()).isSameAs(arrived);
    }

    @Test
    void a_stale_token_serves_on_while_the_next_one_is_fetched_once() {
        ask();
        Credentials old = arrives(0, "old", 3600);
        time.advance(Duration.ofSeconds(2699));
        ask();
        assertThat(fetches).hasSize(1);

        time.advance(Duration.ofSeconds(1));
        assertThat(ask().join()).isSameAs(old);
        assertThat(ask().join()).isSameAs(old);
        assertThat(fetches).hasSize(2);

        Credentials fresh = arrives(1, "fresh", 3600);
        assertThat(ask().join()).isSameAs(fresh);
    }

    @Test
    void an_expired_token_is_not_given_out() {
        ask();
        arrives(0, "old", 3600);
        time.advance(Duration.ofSeconds(3570));
        CompletableFuture<Credentials> waiting = ask();
        assertThat(waiting).isNotDone();
        Credentials fresh = arrives(1, "fresh", 3600);
        assertThat(waiting.join()).isSameAs(fresh);
    }

    @ParameterizedTest
    @CsvSource({"0, 1 2 4 8 15 15 15 15", "-1, 2 4 8 16 30 30 30 30"})
    void while_the_endpoint_is_down_a_valid_token_serves_on_and_the_endpoint_is_asked_with_a_back_off(
            long chance, String pauses) {
        random = () -> chance;
        ask();
        Credentials old = arrives(0, "old", 3600);
        time.advance(Duration.ofSeconds(2700));
        ask();
        List<String> paused = new ArrayList<>();
        for (int failure = 1; failure <= 8; failure++) {
            fails(failure);
            int seconds = 0;
            while (fetches.size() == failure + 1) {
                time.advance(Duration.ofSeconds(1));
                seconds++;
                assertThat(ask().join()).isSameAs(old);
            }
            paused.add(String.valueOf(seconds));
        }
        assertThat(String.join(" ", paused)).isEqualTo(pauses);

        Credentials fresh = arrives(9, "fresh", 3600);
        assertThat(ask().join()).as("once the endpoint is back").isSameAs(fresh);
    }

    @Test
    void without_a_token_a_failure_is_repeated_at_once_until_the_back_off_has_passed() {
        CompletableFuture<Credentials> first = ask();
        fails(0);
        assertThat(first).isCompletedExceptionally();
        assertThat(ask()).isCompletedExceptionally();
        assertThat(fetches).hasSize(1);
        time.advance(Duration.ofSeconds(1));
        CompletableFuture<Credentials> again = ask();
        assertThat(fetches).hasSize(2);
        Credentials arrived = arrives(1, "a", 60);
        assertThat(again.join()).isSameAs(arrived);
    }

    /** The pause of background refreshes grows to 30 s; calls that need a token do not wait for that. */
    @Test
    void calls_that_need_a_token_have_one_within_a_second_of_the_endpoint_being_back() {
        random = () -> -1L;
        int asked = 0;
        for (int second = 0; second < 120; second++) {
            for (int tenth = 0; tenth < 10; tenth++) {
                ask();
                ask();
                if (fetches.size() > asked) {
                    fails(asked++);
                }
                time.advance(Duration.ofMillis(100));
            }
            assertThat(fetches).as("at most one request a second").hasSize(second + 1);
        }

        time.advance(Duration.ofMillis(900));
        CompletableFuture<Credentials> one = ask();
        CompletableFuture<Credentials> other = ask();
        assertThat(fetches).as("one for everybody").hasSize(asked + 1);
        Credentials arrived = arrives(asked, "back", 3600);
        assertThat(one.join()).isSameAs(arrived);
        assertThat(other.join()).isSameAs(arrived);
    }

    @Test
    void a_token_that_expires_in_the_middle_of_a_long_pause_is_replaced_at_once() {
        random = () -> -1L;
        ask();
        Credentials old = arrives(0, "old", 3600);
        time.advance(Duration.ofSeconds(2900));
        int asked = 1;
        while (ask().getNow(null) == old) {
            if (fetches.size() > asked) {
                fails(asked++);
            }
            time.advance(Duration.ofSeconds(1));
        }
        assertThat(asked).as("the pause had grown").isGreaterThan(8).isLessThan(60);

        CompletableFuture<Credentials> needed = ask();
        assertThat(fetches).hasSize(asked + 1);
        Credentials fresh = arrives(asked, "fresh", 3600);
        assertThat(needed.join()).isSameAs(fresh);
    }

    @Test
    void a_rejected_token_is_replaced_once_however_many_were_rejected() throws InterruptedException {
        ask();
        Credentials revoked = arrives(0, "revoked", 3600);
        int callers = 10_000;
        int threads = 8;
        CyclicBarrier together = new CyclicBarrier(threads);
        CountDownLatch done = new CountDownLatch(threads);
        List<CompletableFuture<Credentials>> replays = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            new Thread(() -> {
                        try {
                            together.await();
                        } catch (InterruptedException | java.util.concurrent.BrokenBarrierException e) {
                            throw new IllegalStateException(e);
                        }
                        for (int i = 0; i < callers / threads; i++) {
                            assertThat(tokens.invalidate(revoked)).isTrue();
                            CompletableFuture<Credentials> replay = ask();
                            synchronized (replays) {
                                replays.add(replay);
                            }
                        }
                        done.countDown();
                    })
                    .start();
        }
        done.await();
        assertThat(fetches).hasSize(2);
        Credentials fresh = arrives(1, "fresh", 3600);
        assertThat(replays)
                .hasSize(callers)
                .allSatisfy(replay -> assertThat(replay.join()).isSameAs(fresh));

        tokens.invalidate(revoked);
        assertThat(ask().join()).as("a late rejection of the old one").isSameAs(fresh);
    }

    @Test
    void a_transport_that_throws_has_failed_like_any_other() {
        ask();
        Credentials old = arrives(0, "old", 3600);
        time.advance(Duration.ofSeconds(2700));
        broken = new IllegalStateException("the timer is closed");

        assertThat(ask().join()).isSameAs(old);
        tokens.invalidate(old);
        assertThat(ask()).isCompletedExceptionally();

        broken = null;
        time.advance(Duration.ofSeconds(1));
        CompletableFuture<Credentials> again = ask();
        Credentials fresh = arrives(1, "fresh", 3600);
        assertThat(again.join()).isSameAs(fresh);
    }

    @Test
    void what_a_fetch_failed_with_is_what_callers_get() {
        CompletableFuture<Credentials> waiting = ask();
        fails(0);

        assertThatThrownBy(waiting::join).hasCauseInstanceOf(ServerException.class);
        assertThatThrownBy(() -> ask().join()).hasCauseInstanceOf(ServerException.class);
    }

    @Test
    void lifetimes_that_make_no_sense_are_clamped() {
        assertThat(usable(OptionalLong.empty())).isEqualTo(Duration.ofSeconds(270));
        assertThat(usable(OptionalLong.of(0))).isEqualTo(Duration.ofMillis(900));
        assertThat(usable(OptionalLong.of(-5))).isEqualTo(Duration.ofMillis(900));
        assertThat(usable(OptionalLong.of(60))).isEqualTo(Duration.ofSeconds(54));
        assertThat(usable(OptionalLong.of(3600))).isEqualTo(Duration.ofSeconds(3570));
        assertThat(usable(OptionalLong.of(Long.MAX_VALUE)))
                .isEqualTo(Duration.ofHours(24).minusSeconds(30));
    }

    private static Duration usable(OptionalLong seconds) {
        return Duration.ofNanos(
                Token.of(Credentials.bearer("a"), 0, seconds, 0, Duration.ZERO).remainingNanos(0));
    }

    @Test
    void a_hit_allocates_nothing() {
        ask();
        arrives(0, "a", 3600);
        ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
        hits(20_000);

        long before = threads.getCurrentThreadAllocatedBytes();
        hits(20_000);
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(bytes / 20_000).as("bytes of each hit").isZero();
    }

    private void hits(int count) {
        for (int i = 0; i < count; i++) {
            if (tokens.credentials() != tokens.credentials()) {
                throw new AssertionError("not the same stage");
            }
        }
    }
}
