package dev.kimi.sim;

import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.quota.Reservation;
import dev.kimi.quota.Settlement;
import dev.kimi.spi.ProviderSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Quotas of all kinds, with a ledger in which every reservation is settled once. */
final class SimQuota implements Quota {

    private final World world;
    private final Chance chance;
    private final Quota inner;
    private final Set<Runnable> subscribed = new LinkedHashSet<>();
    private final QueueWatch watch;
    private final boolean unlimited;
    private int outstanding;
    /** When calls were last asked for in vain. */
    private final Map<Integer, Long> refused = new HashMap<>();

    private SimQuota(World world, Chance chance, Quota inner, QueueWatch watch, boolean unlimited) {
        this.world = world;
        this.chance = chance;
        this.inner = inner;
        this.unlimited = unlimited;
        this.watch = watch;
    }

    QueueWatch watch() {
        return watch;
    }

    private void refused(SimCall call) {
        refused.put(call.number(), world.now());
    }

    /** Whether it did not admit the call at this moment. */
    boolean hasRefused(int call) {
        return refused.getOrDefault(call, -1L) == world.now();
    }

    boolean unlimited() {
        return unlimited;
    }

    /** @param most what the kind drawn is at most; 1 for no limits */
    static SimQuota draw(World world, Chance chance, int most) {
        int kind = Math.min(most, chance.below(4));
        QueueWatch watch = new QueueWatch(world);
        Quota inner = switch (kind) {
            case 0, 1 -> Quota.unlimited();
            case 2 -> local(world, chance, watch);
            default -> moody(chance);
        };
        return new SimQuota(world, chance, inner, watch, kind < 2);
    }

    private static Quota local(World world, Chance chance, QueueWatch watch) {
        ProviderSettings.Builder settings =
                ProviderSettings.builder("kimi.quota", world.timer).time(world.time);
        if (chance.oneIn(2)) {
            int concurrency = chance.between(1, 5);
            settings.set("concurrency", String.valueOf(concurrency));
            watch.limitConcurrency(concurrency);
        }
        if (chance.oneIn(2)) {
            int requests = chance.between(3, 60);
            settings.set("requests-per-minute", String.valueOf(requests));
            watch.limitRequests(requests);
        }
        if (chance.oneIn(2)) {
            watch.limitTokens();
            settings.set("tokens-per-minute", String.valueOf(chance.between(1_010, 40_000)));
        }
        return Quota.local(settings.build());
    }

    private static Quota moody(Chance chance) {
        return request -> switch (chance.below(40)) {
            case 0 -> QuotaDecision.never("it is in a mood");
            case 1 -> throw new UnsupportedOperationException("a quota with a bug");
            case 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 ->
                QuotaDecision.later(Duration.ofNanos(chance.oneIn(4) ? 0 : chance.millis(1, 10_000)));
            default ->
                QuotaDecision.granted(settlement -> {
                    if (chance.oneIn(50)) {
                        throw new UnsupportedOperationException("a quota with a bug");
                    }
                });
        };
    }

    @Override
    public QuotaDecision reserve(QuotaRequest request) {
        SimCall call = world.calls.get((int) request.bookedInputTokens());
        world.happens(call);
        call.record().path().stays(world.accountOf(this));
        // another endpoint may be of the same account
        boolean visits = call.record().path().here().account().quota == this && call.isWaiting();
        boolean waits = visits || !call.record().isOpen() || call.record().isBeforeHead();
        world.check(waits, call.number(), "looks for another quota although it does not wait");
        QuotaDecision decision;
        try {
            decision = inner.reserve(request);
        } catch (UnsupportedOperationException bug) {
            watch.failed(call, visits);
            refused(call);
            throw bug;
        }
        world.note(call.number(), "  quota:", decision.getClass().getSimpleName());
        watch.asked(call, decision, outstanding);
        if (decision instanceof QuotaDecision.Never && visits) {
            call.neverFits();
        }
        if (decision instanceof QuotaDecision.Granted) {
            refused.remove(call.number());
        } else {
            refused(call);
        }
        world.interleave(chance);
        notifyOfCapacity();
        watch.answered();
        if (decision instanceof QuotaDecision.Granted granted) {
            Held held = new Held(call, request, granted.reservation());
            outstanding++;
            if (visits) {
                call.reserved(held);
            } else {
                call.reservedElsewhere(held);
            }
            return QuotaDecision.granted(held);
        }
        return decision;
    }

    @Override
    public Subscription subscribe(String account, Runnable onCapacity) {
        world.check(subscribed.add(onCapacity), -1, "an account has subscribed twice");
        return () -> world.check(subscribed.remove(onCapacity), -1, "a subscription was closed twice");
    }

    /** Now and then, with or without a reason, now or when nothing else happens. */
    private void notifyOfCapacity() {
        if (!chance.oneIn(20)) {
            return;
        }
        if (chance.oneIn(2)) {
            List.copyOf(subscribed).forEach(Runnable::run);
        } else {
            world.at(chance.millis(1, 5_000), () -> List.copyOf(subscribed).forEach(Runnable::run));
        }
    }

    int outstanding() {
        return outstanding;
    }

    /** A reservation and what became of it. */
    final class Held implements Reservation {
        private final SimCall call;
        private final QuotaRequest request;
        private final Reservation inner;
        private @Nullable Settlement settlement;
        private boolean counted;
        private int visit = -1;

        private Held(SimCall call, QuotaRequest request, Reservation inner) {
            this.call = call;
            this.request = request;
            this.inner = inner;
        }

        @Override
        public void settle(Settlement how) {
            world.note(call.number(), "settled,", how);
            call.record().path().settles(visit);
            world.check(settlement == null, call.number(), "a reservation was settled twice");
            outstanding--;
            settlement = how;
            watch.freed(how.outcome() == Settlement.Outcome.NOT_COUNTED);
            long tokens = how.countedTokens();
            switch (how.outcome()) {
                case NOT_COUNTED -> world.check(tokens == 0, call.number(), "was not counted, with tokens");
                case UNKNOWN ->
                    world.check(tokens == request.bookedTokens(), call.number(), "unknown, and not as booked");
                default -> world.check(how.isMeasured(), call.number(), "succeeded without a usage");
            }
            inner.settle(how);
            world.interleave(chance);
            notifyOfCapacity();
        }

        void belongsTo(int ofVisit) {
            visit = ofVisit;
        }

        /** In which of the call's visits it is held, or -1. */
        int visit() {
            return visit;
        }

        SimQuota quota() {
            return SimQuota.this;
        }

        /** The service may have counted something that was sent with it. */
        void count() {
            counted = true;
        }

        boolean counted() {
            return counted;
        }

        /** How it was settled, or null when it is not. */
        @Nullable Settlement settlement() {
            return settlement;
        }
    }
}
