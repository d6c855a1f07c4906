package dev.kimi.test.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link CredentialsProvider} must do while its source is in good health. */
@Timeout(60)
public abstract class CredentialsProviderContract {

    private static final int CALLERS = 50;

    /** Makes the provider to be tested, with credentials that stay valid for the length of a test. */
    protected abstract CredentialsProvider provider();

    @Test
    void returns_credentials_that_can_stand_in_a_header() {
        Credentials credentials = get(provider());

        assertFalse(credentials.headerName().isBlank());
        assertFalse(credentials.headerValue().isBlank());
    }

    @Test
    void prints_no_secret() {
        CredentialsProvider provider = provider();
        String value = get(provider).headerValue();
        String secret = value.substring(value.indexOf(' ') + 1);

        assertFalse(provider.toString().contains(secret), "the provider's toString holds the secret");
        assertFalse(get(provider).toString().contains(secret), "the credentials' toString holds the secret");
    }

    @Test
    void says_whom_it_stands_for_in_the_same_way_each_time_and_without_the_secret() {
        CredentialsProvider provider = provider();
        String before = provider.account();
        String value = get(provider).headerValue();

        assertEquals(before, provider.account());
        if (before != null) {
            String secret = value.substring(value.indexOf(' ') + 1);
            assertFalse(before.isBlank(), "the account is blank; null means that it is not known");
            assertFalse(before.contains(secret), "the account holds the secret");
        }
    }

    @Test
    void returns_the_same_object_while_it_is_valid() {
        CredentialsProvider provider = provider();
        Credentials first = get(provider);

        for (int i = 0; i < 10; i++) {
            assertSame(first, get(provider));
        }
    }

    @Test
    void keeps_what_is_valid_when_something_else_was_rejected() {
        CredentialsProvider provider = provider();
        Credentials valid = get(provider);

        provider.invalidate(Credentials.header(valid.headerName(), "never-given-out"));

        assertSame(valid, get(provider));
    }

    @Test
    void provides_others_after_a_rejection_if_it_says_so() {
        CredentialsProvider provider = provider();
        Credentials rejected = get(provider);

        if (provider.invalidate(rejected)) {
            assertNotSame(rejected, get(provider));
        }
    }

    @Test
    void a_rejection_reported_twice_counts_once() {
        CredentialsProvider provider = provider();
        Credentials rejected = get(provider);
        if (!provider.invalidate(rejected)) {
            return;
        }
        Credentials renewed = get(provider);

        assertTrue(provider.invalidate(rejected), "invalidate must be true for a caller that was rejected late");

        assertSame(renewed, get(provider));
    }

    @Test
    void many_callers_share_one_renewal() throws InterruptedException, ExecutionException {
        CredentialsProvider provider = provider();
        Credentials first = get(provider);
        provider.invalidate(first);
        CountDownLatch start = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<Credentials>> callers = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                callers.add(threads.submit(() -> {
                    start.await();
                    provider.invalidate(first);
                    return get(provider);
                }));
            }
            start.countDown();
            Map<Credentials, Boolean> different = new IdentityHashMap<>();
            for (Future<Credentials> caller : callers) {
                different.put(caller.get(), true);
            }
            assertEquals(1, different.size(), "renewals for " + CALLERS + " callers");
        } finally {
            threads.shutdownNow();
        }
    }

    private static Credentials get(CredentialsProvider provider) {
        CompletionStage<Credentials> stage = provider.credentials();
        try {
            return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for credentials", e);
        } catch (ExecutionException e) {
            throw new AssertionError("no credentials were given", e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("no credentials came within 20 s", e);
        }
    }
}
