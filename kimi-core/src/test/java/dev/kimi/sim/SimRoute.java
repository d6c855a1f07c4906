package dev.kimi.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the world knows of the endpoints of one client: their circuits, unless something happens that nobody sees. */
final class SimRoute {

    final List<SimPlace> places;
    private final World world;
    private final boolean exact;
    private final List<Map<String, SimCircuit>> circuits = new ArrayList<>();

    SimRoute(World world, List<SimPlace> places) {
        this.world = world;
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

    SimCircuit circuit(int place, String model) {
        return circuits.get(place).computeIfAbsent(model, name -> new SimCircuit());
    }
}
