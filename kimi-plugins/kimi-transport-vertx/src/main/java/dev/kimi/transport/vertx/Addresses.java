package dev.kimi.transport.vertx;

import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import io.netty.util.NetUtil;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of a name: looked up when what was found before holds no longer and somebody needs them, and in which
 * order they are to be tried. Those of both families in turns (RFC 8305), those that lately failed after those that did
 * not. Belongs to its loop's thread.
 */
final class Addresses {

    private static final long SUSPECT_NANOS = 30_000_000_000L;
    /** How long the addresses of one family wait for those of the other when there were none before (RFC 8305). */
    private static final long OTHER_FAMILY_NANOS = 50_000_000L;
    /** How long a lookup is waited for when there are addresses from before (RFC 8767). */
    private static final long STALE_NANOS = 1_800_000_000L;

    private final String host;
    private final Function<IpFamily, Future<Resolver.Found>> lookup;
    private final TimeSource time;
    private final Later later;
    private final OutageLog log;
    private final @Nullable InetAddress literal;
    private final Map<IpFamily, FamilyRecords> families = new EnumMap<>(IpFamily.class);
    private final List<IpFamily> order = IpFamily.inUse();
    private final Map<InetAddress, Long> suspects = new HashMap<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private @Nullable Throwable failure;
    private Runnable onChange = () -> {};

    /**
     * @param host a name, or an address in writing, which is not looked up
     * @param lookup asks the resolver, on the loop's thread
     */
    Addresses(
            String host,
            Function<IpFamily, Future<Resolver.Found>> lookup,
            TimeSource time,
            Later later,
            OutageLog log) {
        this.host = host;
        this.lookup = lookup;
        this.time = time;
        this.later = later;
        this.log = log;
        this.literal = literal(host);
        order.forEach(family -> families.put(family, new FamilyRecords()));
    }

    /** Runs a task on the loop's thread when the time has passed; null if it never will. */
    @FunctionalInterface
    interface Later {
        Timer.@Nullable Timeout schedule(long delayNanos, Runnable task);
    }

    private static @Nullable InetAddress literal(String host) {
        if (!NetUtil.isValidIpV4Address(host) && !NetUtil.isValidIpV6Address(host)) {
            return null;
        }
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException noSuchScope) {
            return null;
        }
    }

    /** Whether they never change. */
    boolean isLiteral() {
        return literal != null;
    }

    /** Sets what is to run when a lookup has found addresses. */
    void onChange(Runnable task) {
        onChange = task;
    }

    /**
     * Hands over the addresses in the order in which they are to be tried, at once if they still hold or cannot be
     * looked up. When the name cannot be resolved now, they are those that were found last; if none, why is said too.
     */
    void find(BiConsumer<List<InetAddress>, @Nullable Throwable> then) {
        if (literal != null) {
            then.accept(List.of(literal), null);
            return;
        }
        refresh();
        if (isAwaited()) {
            new Waiter(then).await();
        } else {
            then.accept(inOrder(), failure());
        }
    }

    /** Begins the lookups for which it is time, of which {@link #onChange} hears. */
    void refresh() {
        if (literal != null) {
            return;
        }
        long now = time.nanoTime();
        boolean served = isServed();
        boolean known = !usable(now).isEmpty();
        for (IpFamily family : order) {
            FamilyRecords records = records(family);
            if (records.isDue(now, served, known)) {
                records.begin(now);
                lookup.apply(family).onComplete((found, failed) -> lookedUp(records, found, failed));
            }
        }
    }

    /** Whether the name still has the address, so that connections to it may take exchanges. */
    boolean has(InetAddress address) {
        FamilyRecords records = families.get(IpFamily.of(address));
        return records == null || records.has(address, time.nanoTime(), isServed());
    }

    /** Tries the address last for the next half minute. */
    void suspect(InetAddress address) {
        suspects.put(address, time.nanoTime() + SUSPECT_NANOS);
    }

    private void lookedUp(FamilyRecords records, Resolver.@Nullable Found found, @Nullable Throwable failed) {
        long now = time.nanoTime();
        if (found != null) {
            records.end(found, now);
        } else {
            records.fail(now);
            failure = failed;
        }
        if (isServed()) {
            failure = null;
            families.values().forEach(FamilyRecords::served);
            log.over(host);
            onChange.run();
        } else {
            // a family that was absent while the other served may be due now
            refresh();
        }
        if (!isLooking()) {
            if (!isServed() && !usable(now).isEmpty()) {
                log.begun(host, failure());
            }
            List.copyOf(waiters).forEach(Waiter::end);
        } else if (records.isFound()) {
            List.copyOf(waiters).forEach(Waiter::hurry);
        }
    }

    private Throwable failure() {
        return failure == null ? new UnknownHostException("no address of " + host) : failure;
    }

    /** Whether a lookup under way may find what is needed, or that what is known holds no longer. */
    private boolean isAwaited() {
        return usable(time.nanoTime()).isEmpty()
                ? isLooking()
                : families.values().stream().anyMatch(records -> records.isUnderWay() && records.isFound());
    }

    private boolean isLooking() {
        return families.values().stream().anyMatch(FamilyRecords::isUnderWay);
    }

    private boolean isServed() {
        for (FamilyRecords records : families.values()) {
            if (records.isFound()) {
                return true;
            }
        }
        return false;
    }

    private FamilyRecords records(IpFamily family) {
        return Objects.requireNonNull(families.get(family));
    }

    /** The addresses of both families in turns. */
    private List<InetAddress> usable(long now) {
        boolean served = isServed();
        List<List<InetAddress>> each = new ArrayList<>(2);
        int longest = 0;
        for (IpFamily family : order) {
            List<InetAddress> addresses = records(family).usable(now, served);
            each.add(addresses);
            longest = Math.max(longest, addresses.size());
        }
        List<InetAddress> merged = new ArrayList<>();
        for (int i = 0; i < longest; i++) {
            for (List<InetAddress> addresses : each) {
                if (i < addresses.size()) {
                    merged.add(addresses.get(i));
                }
            }
        }
        return merged;
    }

    private List<InetAddress> inOrder() {
        long now = time.nanoTime();
        List<InetAddress> found = usable(now);
        suspects.values().removeIf(until -> now - until >= 0);
        if (suspects.isEmpty()) {
            return found;
        }
        List<InetAddress> ordered = new ArrayList<>(found);
        ordered.removeIf(suspects::containsKey);
        found.removeIf(address -> !suspects.containsKey(address));
        ordered.addAll(found);
        return ordered;
    }

    /** One that needs the addresses and waits for a lookup. */
    private final class Waiter {

        private final BiConsumer<List<InetAddress>, @Nullable Throwable> then;
        private Timer.@Nullable Timeout limit;
        private boolean hurried;

        Waiter(BiConsumer<List<InetAddress>, @Nullable Throwable> then) {
            this.then = then;
        }

        void await() {
            waiters.add(this);
            if (!usable(time.nanoTime()).isEmpty()) {
                limit = later.schedule(STALE_NANOS, this::end);
            }
        }

        /** Waits no longer than one family may for the other. */
        void hurry() {
            if (!hurried) {
                hurried = true;
                cancel();
                limit = later.schedule(OTHER_FAMILY_NANOS, this::end);
            }
        }

        void end() {
            if (waiters.remove(this)) {
                cancel();
                then.accept(inOrder(), failure());
            }
        }

        private void cancel() {
            if (limit != null) {
                limit.cancel();
            }
        }
    }
}
