package dev.kimi.internal.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.error.ConfigurationException;
import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.quota.Reservation;
import dev.kimi.time.VirtualTime;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AccountsTest {

    private final VirtualTime time = new VirtualTime();
    private final Accounts accounts = new Accounts();
    private final AtomicInteger founded = new AtomicInteger();
    private final Set<Account> ended = ConcurrentHashMap.newKeySet();

    private AccountKey key(String identity, String base) {
        return AccountKey.of(identity, URI.create(base), time);
    }

    private Accounts.Founding found() {
        founded.incrementAndGet();
        Account made = new Account("one", Quota.unlimited(), time, time, new Random(1));
        return new Accounts.Founding(made, () -> ended.add(made));
    }

    private Accounts.Lease open(AccountKey key) {
        return accounts.open(key, "client", null, this::found);
    }

    @Test
    void an_account_is_found_by_identity_scheme_host_port_and_clock() {
        AccountKey one = key("a", "https://kimi.test");

        assertThat(key("a", "HTTPS://Kimi.Test:443/anthropic")).isEqualTo(one).hasSameHashCodeAs(one);
        assertThat(key("b", "https://kimi.test")).isNotEqualTo(one);
        assertThat(key("a", "http://kimi.test")).isNotEqualTo(one);
        assertThat(key("a", "https://kimi.test:8443")).isNotEqualTo(one);
        assertThat(AccountKey.of("a", URI.create("https://kimi.test"), new VirtualTime()))
                .isNotEqualTo(one);
        assertThat(one.toString()).doesNotContain("a,").contains("kimi.test");
    }

    @Test
    void it_ends_once_with_the_last_of_its_leases() {
        AccountKey key = key("a", "https://kimi.test");
        Accounts.Lease first = open(key);
        Accounts.Lease second = open(key);
        assertThat(second.account()).isSameAs(first.account());

        first.close();
        first.close();
        assertThat(ended).isEmpty();
        second.close();

        assertThat(ended).containsExactly(first.account());
        assertThat(accounts.size()).isZero();
        assertThat(open(key).account()).isNotSameAs(first.account());
    }

    @Test
    void the_quota_of_a_client_that_leaves_is_closed_without_a_lock_and_after_its_subscription() {
        Account account = new Account("one", Quota.unlimited(), time, time, new Random(1));
        SharedAccount shared = new SharedAccount(key("a", "https://kimi.test"), account, () -> {});
        List<String> closed = new ArrayList<>();
        SharedAccount.Member member = new SharedAccount.Member(
                "client", QuotaSource.of("limits", timer -> new ClosedQuota(closed, () -> Thread.holdsLock(shared))));
        shared.join(member);
        account.admission().enter(new Waiting());

        shared.leave(member);

        assertThat(closed).containsExactly("subscription, locked: false", "quota, locked: false");
        assertThat(account.admission().waiting()).isZero();
    }

    /** Puts off every call, and notes what is closed. */
    private record ClosedQuota(List<String> closed, BooleanSupplier locked) implements Quota, AutoCloseable {

        @Override
        public QuotaDecision reserve(QuotaRequest request) {
            return QuotaDecision.later(Duration.ofHours(1));
        }

        @Override
        public Subscription subscribe(String account, Runnable onCapacity) {
            return () -> closed.add("subscription, locked: " + locked.getAsBoolean());
        }

        @Override
        public void close() {
            closed.add("quota, locked: " + locked.getAsBoolean());
        }
    }

    private static final class Waiting implements Admission.Waiter {
        @Override
        public QuotaRequest quotaRequest() {
            return QuotaRequest.builder("one").build();
        }

        @Override
        public long deadlineNanos() {
            return 1;
        }

        @Override
        public boolean isAbandoned() {
            return false;
        }

        @Override
        public void admitted(Reservation reservation) {}

        @Override
        public void queueFull() {
            throw new AssertionError("the queue is full");
        }

        @Override
        public void neverFits(String reason) {
            throw new AssertionError(reason);
        }
    }

    @Test
    void limits_that_cannot_be_made_leave_no_account_behind() {
        QuotaSource wrong = QuotaSource.of("wrong", timer -> {
            throw new ConfigurationException("kimi.quota.concurrency", "It is no number.", "Write one.");
        });

        assertThatThrownBy(() -> accounts.open(key("a", "https://kimi.test"), "client", wrong, this::found))
                .isInstanceOf(ConfigurationException.class);

        assertThat(accounts.size()).isZero();
        assertThat(ended).hasSize(1);
    }

    @Test
    void nobody_gets_an_account_that_another_thread_has_ended() throws Exception {
        AccountKey key = key("a", "https://kimi.test");
        int threads = 4;
        CyclicBarrier together = new CyclicBarrier(threads);
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Integer>> workers = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                workers.add(executor.submit(() -> {
                    together.await();
                    int dead = 0;
                    for (int i = 0; i < 5_000; i++) {
                        try (Accounts.Lease lease = open(key)) {
                            dead += ended.contains(lease.account()) ? 1 : 0;
                        }
                    }
                    return dead;
                }));
            }
            for (Future<Integer> worker : workers) {
                assertThat(worker.get()).isZero();
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(ended).hasSize(founded.get());
        assertThat(accounts.size()).isZero();
    }
}
