package dev.kimi.sim;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A route as it is drawn: its endpoints, when they are out of order, and what models cost.
 *
 * @param stops the endpoints in their order
 * @param outages when all exchanges of an endpoint fail
 * @param recovers whether all is well after the outages, and calls go on to see that
 * @param price of a million tokens that come from no cache, 0 where prices are not known
 */
record RoutePlan(List<Stop> stops, List<Outage> outages, boolean recovers, int price) {

    /** The models that callers of routes ask. */
    static final List<String> MODELS = List.of("kimi-alpha", "kimi-beta");

    private static final long SECOND = 1_000_000_000L;
    private static final long OUTAGES_END = 20 * SECOND;
    private static final Kind[] KINDS = Kind.values();

    /**
     * An endpoint.
     *
     * @param name of the endpoint
     * @param address where it is
     * @param key what the keys of its account begin with
     * @param dialect what it speaks
     * @param rejects whether it is known to reject one request in three
     * @param names of models there by the names that callers use, null for those names
     */
    record Stop(
            String name,
            URI address,
            String key,
            Dialect dialect,
            boolean rejects,
            @Nullable Map<String, String> names) {}

    /** What all exchanges of an endpoint do that is out of order. */
    enum Kind {
        REFUSED,
        UNAVAILABLE,
        SILENT,
        LIMITED_FOR_AN_HOUR,
        CUT
    }

    /** All exchanges that begin at the endpoint in that time fail. */
    record Outage(String endpoint, Kind kind, long fromNanos, long toNanos) {}

    static URI addressOf(String name) {
        return URI.create("https://" + name + ".kimi.test");
    }

    static RoutePlan draw(Chance chance) {
        int count = chance.between(2, 3);
        List<Stop> stops = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            // another key of the service before it, or another service
            boolean key = i > 0 && chance.oneIn(3);
            String name = key
                    ? stops.get(i - 1).name() + "-2"
                    : List.of("default", "second", "third").get(i);
            URI address = key ? stops.get(i - 1).address() : addressOf(name);
            Dialect dialect = key ? stops.get(i - 1).dialect() : chance.oneIn(2) ? Dialect.ANTHROPIC : Dialect.OPENAI;
            Map<String, String> names = key ? stops.get(i - 1).names() : i == 0 ? null : names(chance, name);
            stops.add(new Stop(name, address, name, dialect, i > 0 && !key && chance.oneIn(4), names));
        }
        boolean recovers = chance.oneIn(12);
        List<Outage> outages = new ArrayList<>();
        int many = recovers ? chance.between(1, 4) : chance.below(6);
        for (int i = 0; i < many; i++) {
            String endpoint =
                    chance.oneIn(2) ? "default" : stops.get(chance.below(count)).name();
            long from = chance.oneIn(3) ? 0 : chance.millis(1, 15_000);
            long to = Math.min(OUTAGES_END, from + chance.millis(100, 20_000));
            outages.add(new Outage(endpoint, KINDS[chance.below(KINDS.length)], from, to));
        }
        int price = List.of(0, 1_000, 100_000).get(chance.below(3));
        return new RoutePlan(stops, outages, recovers, price);
    }

    private static @Nullable Map<String, String> names(Chance chance, String endpoint) {
        return switch (chance.below(3)) {
            case 0 -> null;
            case 1 -> Map.of("kimi-alpha", endpoint + "-large", "kimi-beta", endpoint + "-small");
            // both are the same there, by the standard name
            default -> Map.of("kimi-alpha", SimProtocol.MODEL);
        };
    }

    /** What goes wrong now at that endpoint, or null. */
    @Nullable Kind outageAt(String endpoint, long now) {
        for (Outage outage : outages) {
            if (outage.endpoint().equals(endpoint) && now >= outage.fromNanos() && now < outage.toNanos()) {
                return outage.kind();
            }
        }
        return null;
    }

    /** When the last outage ends. */
    long end() {
        return outages.stream().mapToLong(Outage::toNanos).max().orElse(0);
    }
}
