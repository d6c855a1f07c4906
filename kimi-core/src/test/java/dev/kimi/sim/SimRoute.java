package dev.kimi.sim;

import dev.kimi.internal.endpoint.Circuit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the world knows of the endpoints of one client: their circuits, unless something happens that nobody sees. */
final class SimRoute {

    private static final long CACHE_LASTS = 300_000_000_000L;

    final List<SimPlace> places;
    private final World world;
    private final boolean exact;
    private final List<Map<String, SimCircuit>> circuits = new ArrayList<>();

    private final Supplier<List<Circuit.Seen>> real;

    private final @Nullable RoutePlan plan;
    private final Map<String, Stay> homes = new HashMap<>();

    /** Where a conversation was, and how long its cache may last. */
    private record Stay(int place, long untilNanos) {}

    /** @param real the circuits as the engine shows them, which is asked for nothing but whether one fell silent */
    SimRoute(World world, List<SimPlace> places, @Nullable RoutePlan plan, Supplier<List<Circuit.Seen>> real) {
        this.world = world;
        this.plan = plan;
        this.real = real;
        this.places = places;
        this.exact = places.stream()
                .noneMatch(place -> place.account().limits.credentialsMayFail || place.account().limits.bugs);
        places.forEach(place -> circuits.add(new HashMap<>()));
    }

    /** How the route was drawn, or null where that is no matter. */
    @Nullable RoutePlan plan() {
        return plan;
    }

    /** The endpoint that has the conversation in its cache, or -1. */
    int home(@Nullable String session, long now) {
        Stay stay = session == null ? null : homes.get(session);
        return stay == null || now >= stay.untilNanos() ? -1 : stay.place();
    }

    void responded(int place, @Nullable String session, long now) {
        if (session != null) {
            homes.put(session, new Stay(place, now + CACHE_LASTS));
        }
    }

    /** Whether all outcomes are seen: credentials may fail unseen, and so may a call whose client is closed. */
    boolean exact() {
        return exact && places.size() > 1 && !world.anyClosed();
    }

    int named(String name) {
        for (int i = 0; i < places.size(); i++) {
            if (places.get(i).name().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** When streams look whether they wait in vain no event says, but what comes of it can be seen. */
    void lookAt(int place, String model) {
        SimCircuit circuit = circuit(place, model);
        if (circuit.mayFallSilent(world.now()) && exact()) {
            String name = places.get(place).name();
            boolean open = real.get().stream()
                    .anyMatch(seen -> seen.endpoint().equals(name)
                            && seen.model().equals(model)
                            && seen.state() == Circuit.State.OPEN);
            if (open) {
                world.note(-1, "falls silent:", name + ", " + model);
                circuit.fallSilent(world.now());
            }
        }
    }

    void look() {
        for (int place = 0; place < places.size(); place++) {
            for (String model : List.copyOf(circuits.get(place).keySet())) {
                lookAt(place, model);
            }
        }
    }

    SimCircuit circuit(int place, String model) {
        return circuits.get(place).computeIfAbsent(model, name -> new SimCircuit());
    }
}
