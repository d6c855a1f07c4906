package dev.kimi.internal.endpoint;

import dev.kimi.error.ConfigurationException;
import dev.kimi.quota.Quota;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An account and the clients that use it now. Where they bring different limits, those of the client that came first
 * hold; when it goes, those of the next. Thread-safe.
 */
final class SharedAccount {

    private static final System.Logger LOG = System.getLogger("dev.kimi.accounts");

    /** A client of the account, and where its limits come from: null when it has none of its own. */
    static final class Member {
        private final String client;
        private final @Nullable QuotaSource limits;

        Member(String client, @Nullable QuotaSource limits) {
            this.client = client;
            this.limits = limits;
        }

        private String client() {
            return client;
        }

        private @Nullable QuotaSource limits() {
            return limits;
        }
    }

    private final AccountKey key;
    private final Account account;
    private final Runnable atTheEnd;
    private final List<Member> members = new ArrayList<>();
    private @Nullable Member limiting;
    private @Nullable Quota quota;

    /** @param atTheEnd closes what the account was founded with; run when the last client has gone */
    SharedAccount(AccountKey key, Account account, Runnable atTheEnd) {
        this.key = key;
        this.account = account;
        this.atTheEnd = atTheEnd;
    }

    Account account() {
        return account;
    }

    /** @throws ConfigurationException if the limits of the client cannot be made; it has not joined then */
    synchronized void join(Member member) {
        Member holder = limiting;
        QuotaSource limits = member.limits();
        if (limits != null && holder == null) {
            // nobody has waited for anything without limits
            limitBy(member, limits.make(account.timer())).close();
        } else if (limits != null && holder != null && !Objects.equals(limits, holder.limits())) {
            warnOfOthers(member, holder);
        } else if (!members.isEmpty()) {
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "Client '" + member.client() + "' shares the account of client '"
                            + members.get(0).client() + "' at " + key.origin());
        }
        members.add(member);
    }

    private void warnOfOthers(Member member, Member holder) {
        LOG.log(
                System.Logger.Level.WARNING,
                "Client '" + member.client() + "' has the credentials of client '" + holder.client() + "' at "
                        + key.origin() + ", so that both share one account. The limits of '" + holder.client()
                        + "' (kimi.quota) hold for both; those of '" + member.client()
                        + "' differ and are not used. Give both the same limits, or leave them out for one.");
    }

    void leave(Member member) {
        Runnable closing = remove(member);
        if (closing != null) {
            // quotas and calls are called while no lock is held; whoever waits may fit the limits that hold now
            closing.run();
            account.admission().lookAgain();
        }
    }

    /** What closes the limits that do not hold any more; null when the same hold as before. */
    private synchronized @Nullable Runnable remove(Member member) {
        members.remove(member);
        if (member != limiting) {
            return null;
        }
        Member heir = null;
        for (Member other : members) {
            if (Objects.equals(other.limits(), member.limits())) {
                limiting = other;
                return null;
            }
            heir = heir == null && other.limits() != null ? other : heir;
        }
        QuotaSource source = member.limits();
        Quota unused = quota;
        limiting = null;
        quota = null;
        CapacityWatch watch = takeOver(heir);
        return () -> {
            watch.close();
            closeQuota(source, unused);
        };
    }

    private CapacityWatch takeOver(@Nullable Member heir) {
        QuotaSource limits = heir == null ? null : heir.limits();
        if (heir == null || limits == null) {
            return account.limitBy(Quota.unlimited());
        }
        try {
            return limitBy(heir, limits.make(account.timer()));
        } catch (ConfigurationException e) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "The limits of client '" + heir.client() + "' cannot be used, and its account has none now",
                    e);
            return account.limitBy(Quota.unlimited());
        }
    }

    private CapacityWatch limitBy(Member member, Quota made) {
        limiting = member;
        quota = made;
        return account.limitBy(made);
    }

    private static void closeQuota(@Nullable QuotaSource source, @Nullable Quota unused) {
        if (source != null && source.isMade() && unused instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "The quota " + unused.getClass().getName() + " failed to close",
                        e);
            }
        }
    }

    /** The last client has gone. */
    void end() {
        atTheEnd.run();
    }
}
