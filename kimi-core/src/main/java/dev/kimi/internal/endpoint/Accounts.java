package dev.kimi.internal.endpoint;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The accounts that clients use now: those with the same credentials at the same service share one. An account ends
 * with the last of its clients. Asked only when a client is made or closed. Thread-safe.
 */
public final class Accounts {

    private static final Accounts OF_THE_PROCESS = new Accounts();

    private final Map<AccountKey, Entry> open = new HashMap<>();

    private static final class Entry {
        private final SharedAccount shared;
        private int leases;

        private Entry(SharedAccount shared) {
            this.shared = shared;
        }
    }

    /**
     * What an account begins with.
     *
     * @param account a new one
     * @param atTheEnd closes what it works with, such as its timer, when its last client has gone
     */
    public record Founding(Account account, Runnable atTheEnd) {}

    /** Those of all clients that a program makes. */
    public static Accounts ofTheProcess() {
        return OF_THE_PROCESS;
    }

    /**
     * Opens the account for a client.
     *
     * @param client the client's name
     * @param limits where its limits come from, or null when it has none of its own and takes those of the account
     * @param founding asked when no other client uses the account; must not open accounts itself
     * @throws dev.kimi.error.ConfigurationException if the client's limits are wrong
     */
    public Lease open(AccountKey key, String client, @Nullable QuotaSource limits, Supplier<Founding> founding) {
        Entry entry;
        synchronized (this) {
            entry = open.get(key);
            if (entry == null) {
                Founding made = founding.get();
                entry = new Entry(new SharedAccount(key, made.account(), made.atTheEnd()));
                open.put(key, entry);
            }
            entry.leases++;
        }
        SharedAccount.Member member = new SharedAccount.Member(client, limits);
        boolean joined = false;
        try {
            entry.shared.join(member);
            joined = true;
        } finally {
            if (!joined) {
                release(key, entry);
            }
        }
        return new Lease(this, key, entry, member);
    }

    private void release(AccountKey key, Entry entry) {
        boolean last;
        synchronized (this) {
            last = --entry.leases == 0;
            if (last) {
                open.remove(key);
            }
        }
        if (last) {
            entry.shared.end();
        }
    }

    /** How many are open. */
    synchronized int size() {
        return open.size();
    }

    /** One client's use of its account. */
    public static final class Lease implements AutoCloseable {

        private final Accounts accounts;
        private final AccountKey key;
        private final Entry entry;
        private final SharedAccount.Member member;
        private boolean closed;

        private Lease(Accounts accounts, AccountKey key, Entry entry, SharedAccount.Member member) {
            this.accounts = accounts;
            this.key = key;
            this.entry = entry;
            this.member = member;
        }

        public Account account() {
            return entry.shared.account();
        }

        /** The client is closed. Idempotent. */
        @Override
        public void close() {
            synchronized (this) {
                if (closed) {
                    return;
                }
                closed = true;
            }
            entry.shared.leave(member);
            accounts.release(key, entry);
        }
    }
}
