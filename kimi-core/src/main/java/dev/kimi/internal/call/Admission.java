package dev.kimi.internal.call;

import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.quota.Reservation;
import dev.kimi.time.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Where calls wait for their account's quota: bounded, the nearest deadline first. The quota only says yes, later or
 * never; asking again, on a timer or when a reservation was settled, happens here. No call is told anything while the
 * lock is held.
 */
final class Admission {

    private static final System.Logger LOG = System.getLogger("dev.kimi.quota");
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(1);

    private final Engine engine;
    private final int capacity;
    private final PriorityQueue<Call> waiting = new PriorityQueue<>(Comparator.comparingLong(Call::deadlineNanos));
    private volatile int size;
    private Timer.@Nullable Timeout nextLook;

    Admission(Engine engine, int capacity) {
        this.engine = engine;
        this.capacity = capacity;
    }

    /** Admits or refuses the call now or later, always by telling it. */
    void enter(Call call) {
        if (size == 0) {
            QuotaDecision decision = ask(call);
            if (decision instanceof QuotaDecision.Granted granted) {
                call.admitted(granted.reservation());
                return;
            }
        }
        boolean queued;
        synchronized (this) {
            queued = waiting.size() < capacity && waiting.add(call);
            size = waiting.size();
        }
        if (queued) {
            look();
        } else {
            call.refused(Failures::queueFull);
        }
    }

    /** The call does not wait any longer. */
    void leave(Call call) {
        synchronized (this) {
            waiting.remove(call);
            size = waiting.size();
            if (size == 0) {
                // nobody is left to look for
                forgetNextLook();
            }
        }
        settled();
    }

    /** Something was given back: whoever waits may fit now, unless it was a closing client that gave it back. */
    void settled() {
        if (size != 0 && !engine.closed()) {
            look();
        }
    }

    int waiting() {
        return size;
    }

    private QuotaDecision ask(Call call) {
        try {
            return engine.quota()
                    .reserve(new QuotaRequest(engine.name(), call.plan().bookedTokens()));
        } catch (RuntimeException e) {
            return broken(e);
        }
    }

    private static QuotaDecision broken(RuntimeException e) {
        LOG.log(System.Logger.Level.ERROR, "The quota failed, which counts as: do not send", e);
        return QuotaDecision.never(
                "the quota provider failed with " + e.getClass().getName());
    }

    private void look() {
        List<Runnable> tell = new ArrayList<>();
        synchronized (this) {
            forgetNextLook();
            for (Call first = waiting.peek(); first != null; first = waiting.peek()) {
                QuotaDecision decision = ask(first);
                if (decision instanceof QuotaDecision.Later later) {
                    Duration delay = later.delay().compareTo(SHORTEST_WAIT) < 0 ? SHORTEST_WAIT : later.delay();
                    nextLook = engine.timer().schedule(delay.toNanos(), this::look);
                    break;
                }
                waiting.poll();
                Call told = first;
                if (decision instanceof QuotaDecision.Granted granted) {
                    Reservation reservation = granted.reservation();
                    tell.add(() -> told.admitted(reservation));
                } else {
                    String reason = ((QuotaDecision.Never) decision).reason();
                    tell.add(() -> told.refused(details -> Failures.overQuota(reason, details)));
                }
            }
            size = waiting.size();
        }
        tell.forEach(Runnable::run);
    }

    /** Called with the lock held. */
    private void forgetNextLook() {
        if (nextLook != null) {
            nextLook.cancel();
            nextLook = null;
        }
    }
}
