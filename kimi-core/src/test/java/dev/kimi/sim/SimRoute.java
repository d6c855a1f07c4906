package dev.kimi.sim;

import dev.kimi.internal.endpoint.Circuit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What the world knows of the endpoints of one client: their circuits, unless something happens that nobody sees. */
final class SimRoute {

    final List<SimPlace> places;
    private final World world;
    private final boolean exact;
    private final List<Map<String, SimCircuit>> circuits = new ArrayList<>();

    private final Supplier<List<Circuit.Seen>> real;

    /** @param real the circuits as the engine shows them, which is asked for nothing but whether one fell silent */
    SimRoute(World world, List<SimPlace> places, Supplier<List<Circuit.Seen>> real) {
        this.world = world;
        this.real = real;
        this.places = places;
        this.exact = places.stream()
                .noneMatch(place -> place.account().limits.credentialsMayFail || place.account().limits.bugs);
        places.forEach(place -> circuits.add(new HashMap<>()));
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
