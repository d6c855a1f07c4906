package dev.kimi.gateway.key.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.gateway.key.KeyStore;
import dev.kimi.gateway.key.VirtualKey;
import dev.kimi.gateway.key.VirtualKey.Limits;
import dev.kimi.gateway.key.VirtualKey.Secret;
import dev.kimi.gateway.key.VirtualKey.Terms;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What holds for every store of keys. */
@Timeout(20)
abstract class KeyStoreContract {

    static final Instant START = Instant.parse("2026-11-27T22:00:00Z");

    /** As another instance sees the same keys. */
    abstract KeyStore store();

    static VirtualKey key(String id) {
        return new VirtualKey(id, Terms.named(id), List.of(secret('a')), START, null);
    }

    private static Secret secret(char digit) {
        return new Secret(String.valueOf(digit).repeat(64), "wxyz", START, null);
    }

    @Test
    void there_are_no_keys_at_first() {
        assertThat(store().load()).isEmpty();
    }

    @Test
    void a_key_comes_back_with_all_that_it_has() {
        VirtualKey full = new VirtualKey(
                "key-1",
                new Terms(
                        "Bücher \"x\"",
                        List.of("claude-*", "kimi-k3"),
                        new Limits(60, 100_000, 5, 2, new BigDecimal("1.50"), new BigDecimal("30")),
                        false,
                        START,
                        START.plusSeconds(60)),
                List.of(secret('a'), new Secret("b".repeat(64), "abcd", START, START.plusSeconds(9))),
                START,
                null);
        KeyStore store = store();

        assertThat(store.update("key-1", before -> {
                    assertThat(before).isNull();
                    return full;
                }))
                .isEqualTo(full);

        assertThat(store.load()).containsExactly(full);
        assertThat(store().load()).containsExactly(full);
    }

    @Test
    void one_instance_sees_what_another_has_changed() {
        KeyStore here = store();
        KeyStore there = store();
        here.update("one", before -> key("one"));
        there.load();
        VirtualKey revoked = new VirtualKey("one", Terms.named("other"), List.of(), START, START);

        there.update("one", before -> {
            assertThat(before).isEqualTo(key("one"));
            return revoked;
        });

        assertThat(here.load()).containsExactly(revoked);
    }

    @Test
    void a_change_that_throws_changes_nothing() {
        KeyStore store = store();
        store.update("one", before -> key("one"));

        assertThatThrownBy(() -> store.update("one", before -> {
                    throw new IllegalStateException("no");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no");

        assertThat(store.load()).containsExactly(key("one"));
    }

    @Test
    void of_two_changes_at_once_none_is_lost() throws Exception {
        store().update("one", before -> key("one"));
        CountDownLatch within = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        FutureTask<VirtualKey> slow = new FutureTask<>(() -> store().update("one", before -> {
            within.countDown();
            await(goOn);
            return add(before, "slow-*");
        }));
        new Thread(slow).start();
        await(within);
        CountDownLatch begun = new CountDownLatch(1);
        FutureTask<VirtualKey> second = new FutureTask<>(() -> {
            begun.countDown();
            return store().update("one", before -> add(before, "second-*"));
        });
        new Thread(second).start();
        await(begun);
        goOn.countDown();

        slow.get();
        second.get();

        assertThat(store().load().get(0).terms().models()).containsExactlyInAnyOrder("slow-*", "second-*");
    }

    private static VirtualKey add(@Nullable VirtualKey before, String pattern) {
        assertThat(before).isNotNull();
        List<String> models = new ArrayList<>(before.terms().models());
        models.add(pattern);
        return new VirtualKey(
                before.id(),
                new Terms(before.id(), models, Limits.NONE, true, null, null),
                before.secrets(),
                before.created(),
                null);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
