package dev.kimi.sim;

import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.quota.Reservation;
import dev.kimi.spi.ProviderSettings;
import java.time.Duration;

/** Quotas of all kinds, with a ledger in which every reservation is settled once. */
final class SimQuota implements Quota {

    private final World world;
    private final Chance chance;
    private final Quota inner;
    private int outstanding;

    private SimQuota(World world, Chance chance, Quota inner) {
        this.world = world;
        this.chance = chance;
        this.inner = inner;
    }

    static SimQuota draw(World world, Chance chance) {
        Quota inner = switch (chance.below(4)) {
            case 0, 1 -> Quota.unlimited();
            case 2 -> local(world, chance);
            default -> moody(chance);
        };
        return new SimQuota(world, chance, inner);
    }

    private static Quota local(World world, Chance chance) {
        ProviderSettings.Builder settings =
                ProviderSettings.builder("kimi.quota", world.timer).time(world.time);
        if (chance.oneIn(2)) {
            settings.set("concurrency", String.valueOf(chance.between(1, 5)));
        }
        if (chance.oneIn(2)) {
            settings.set("requests-per-minute", String.valueOf(chance.between(3, 60)));
        }
        if (chance.oneIn(2)) {
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
                QuotaDecision.granted(tokens -> {
                    if (chance.oneIn(50)) {
                        throw new UnsupportedOperationException("a quota with a bug");
                    }
                });
        };
    }

    @Override
    public QuotaDecision reserve(QuotaRequest request) {
        QuotaDecision decision = inner.reserve(request);
        if (decision instanceof QuotaDecision.Granted granted) {
            SimCall call = world.calls.get((int) request.tokens() - SimProtocol.TOKENS);
            Held held = new Held(call, granted.reservation());
            outstanding++;
            call.reserved(held);
            return QuotaDecision.granted(held);
        }
        return decision;
    }

    int outstanding() {
        return outstanding;
    }

    /** A reservation and what became of it. */
    final class Held implements Reservation {
        private final SimCall call;
        private final Reservation inner;
        private int settled;
        private long tokens;

        private Held(SimCall call, Reservation inner) {
            this.call = call;
            this.inner = inner;
        }

        @Override
        public void settle(long used) {
            world.note(call.number(), "settled with", used);
            settled++;
            outstanding--;
            tokens = used;
            world.check(settled == 1, call.number(), "a reservation was settled twice");
            world.check(used >= -1, call.number(), "a reservation was settled with " + used);
            inner.settle(used);
            world.interleave(chance);
        }

        boolean settled() {
            return settled > 0;
        }

        long tokens() {
            return tokens;
        }
    }
}
