package dev.kimi.transport.vertx;

import java.net.InetAddress;
import java.util.List;

/** What is known about a name's addresses of one family, and when they are to be looked up again. */
final class FamilyRecords {

    private static final long SECOND = 1_000_000_000L;
    private static final long MIN_TTL_SECONDS = 5;
    private static final long MAX_TTL_SECONDS = 300;
    /** A name server's outage must not become ours, but nor may a service that moved be sought endlessly. */
    private static final long STALE_NANOS = 3_600 * SECOND;

    private static final int MAX_BACK_OFF_SECONDS = 30;
    /** How long the other family serves before this one, which was absent, is looked for again. */
    private static final long ABSENT_NANOS = 60 * SECOND;

    private final AddressHistory history = new AddressHistory();
    private List<InetAddress> last = List.of();
    private long begunAtNanos;
    /** When the lookup began that has found them, for what it found is at least that old. */
    private long foundAtNanos;

    private long ttlNanos;
    private long attemptedAtNanos;
    private int failures;
    private State state = State.NEW;
    private boolean underWay;

    private enum State {
        NEW,
        FOUND,
        NONE,
        FAILED
    }

    /** A lookup begins. */
    void begin(long now) {
        underWay = true;
        begunAtNanos = now;
    }

    /** It has ended. */
    void end(Resolver.Found found, long now) {
        ended(now);
        if (found.addresses().isEmpty()) {
            state = State.NONE;
            failures++;
            return;
        }
        state = State.FOUND;
        failures = 0;
        last = found.addresses();
        foundAtNanos = begunAtNanos;
        ttlNanos = Math.max(MIN_TTL_SECONDS, Math.min(MAX_TTL_SECONDS, found.ttlSeconds())) * SECOND;
        history.found(last, now);
    }

    /** It has failed. */
    void fail(long now) {
        ended(now);
        state = State.FAILED;
        failures++;
    }

    /** A lookup of some family has found addresses, so that it is no outage if this one has none. */
    void served() {
        if (state == State.NONE) {
            failures = 0;
        }
    }

    private void ended(long now) {
        underWay = false;
        attemptedAtNanos = now;
    }

    boolean isUnderWay() {
        return underWay;
    }

    /** Whether the last lookup has found addresses. */
    boolean isFound() {
        return state == State.FOUND;
    }

    /**
     * Whether it is time for a lookup.
     *
     * @param served whether the last lookup of any family has found addresses
     * @param known whether there are addresses to fall back on, of any family; else calls fail meanwhile
     */
    boolean isDue(long now, boolean served, boolean known) {
        if (underWay) {
            return false;
        }
        return switch (state) {
            case NEW -> true;
            case FOUND -> now - foundAtNanos >= ttlNanos;
            case NONE -> now - attemptedAtNanos >= (served ? ABSENT_NANOS : backOffNanos(known));
            case FAILED -> now - attemptedAtNanos >= backOffNanos(known);
        };
    }

    private long backOffNanos(boolean known) {
        return known ? Math.min(MAX_BACK_OFF_SECONDS, 1L << Math.max(0, Math.min(failures - 1, 10))) * SECOND : SECOND;
    }

    /** The addresses to connect to: as found last, unless there are none any more or that was too long ago. */
    List<InetAddress> usable(long now, boolean served) {
        return state == State.NONE && served ? List.of() : stale(now);
    }

    private List<InetAddress> stale(long now) {
        return now - foundAtNanos > STALE_NANOS ? List.of() : last;
    }

    /** Whether connections to the address may go on taking exchanges. */
    boolean has(InetAddress address, long now, boolean served) {
        return switch (state) {
            case FOUND -> history.has(address, now);
            case NONE -> !served;
            case NEW, FAILED -> true;
        };
    }
}
