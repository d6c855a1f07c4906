package dev.kimi.gateway.admin;

import dev.kimi.Diagnostics;
import dev.kimi.Diagnostics.Circuit.State;
import dev.kimi.KimiClient;
import dev.kimi.gateway.admin.AdminView.Lately;
import dev.kimi.gateway.admin.FigureSlot.Figure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Decides how endpoints are, by their circuits and by what became of the calls of the last five minutes. */
final class EndpointLights {

    private static final double P50 = 0.5;
    /** Fewer calls than this say nothing about how many fail. */
    private static final int ENOUGH = 4;

    private final AdminFigures figures;

    EndpointLights(AdminFigures figures) {
        this.figures = figures;
    }

    List<AdminView.Endpoint> read(List<KimiClient> clients, List<Diagnostics> states) {
        Map<String, KimiClient> byName = new LinkedHashMap<>();
        Map<String, Map<String, State>> circuits = new LinkedHashMap<>();
        for (int i = 0; i < clients.size(); i++) {
            byName.put(clients.get(i).name(), clients.get(i));
            for (Diagnostics.Circuit circuit : states.get(i).circuits()) {
                circuits.computeIfAbsent(circuit.endpoint(), any -> new TreeMap<>())
                        .merge(circuit.model(), circuit.state(), EndpointLights::worse);
            }
        }
        Set<String> names = new LinkedHashSet<>(byName.keySet());
        names.addAll(circuits.keySet());
        names.addAll(new TreeSet<>(figures.endpoints().keySet()));
        List<AdminView.Endpoint> endpoints = new ArrayList<>();
        for (String name : names) {
            endpoints.add(endpoint(name, byName.get(name), circuits.getOrDefault(name, Map.of())));
        }
        return endpoints;
    }

    private AdminView.Endpoint endpoint(String name, @Nullable KimiClient client, Map<String, State> circuits) {
        FigureRing ring = figures.endpoints().get(name);
        Lately lately = lately(ring);
        String host = client == null ? null : client.baseUrl().getHost();
        Light light = light(circuits, lately);
        return new AdminView.Endpoint(
                name,
                light.colour,
                light.reason,
                client == null ? "" : client.protocol(),
                host == null ? "" : host,
                client == null ? "" : client.model(),
                lately,
                circuits.entrySet().stream()
                        .map(circuit -> new AdminView.Circuit(circuit.getKey(), name(circuit.getValue())))
                        .toList());
    }

    private record Light(String colour, String reason) {}

    private static Light light(Map<String, State> circuits, Lately lately) {
        List<String> open = models(circuits, State.OPEN);
        if (!open.isEmpty()) {
            return new Light("down", "circuit open for " + String.join(", ", open));
        }
        boolean enough = lately.calls() >= ENOUGH;
        if (enough && 2 * lately.failed() >= lately.calls()) {
            return new Light("down", lately.failed() + " of " + lately.calls() + " calls failed");
        }
        List<String> halfOpen = models(circuits, State.HALF_OPEN);
        if (!halfOpen.isEmpty()) {
            return new Light("warn", "recovering: circuit half-open for " + String.join(", ", halfOpen));
        }
        if (lately.failed() > 0 && (!enough || 20 * lately.failed() >= lately.calls())) {
            return new Light("warn", lately.failed() + " of " + lately.calls() + " calls failed");
        }
        if (lately.limited() > 0) {
            return new Light("warn", lately.limited() + " of " + lately.calls() + " calls rate limited");
        }
        return lately.calls() == 0 ? new Light("idle", "no calls lately") : new Light("ok", "responding");
    }

    private static List<String> models(Map<String, State> circuits, State state) {
        return circuits.entrySet().stream()
                .filter(circuit -> circuit.getValue() == state)
                .map(Map.Entry::getKey)
                .toList();
    }

    private static State worse(State one, State other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private static String name(State state) {
        return state.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Lately lately(@Nullable FigureRing ring) {
        if (ring == null) {
            return new Lately(0, 0, 0, null);
        }
        long ok = 0;
        long failed = 0;
        long limited = 0;
        long last = ring.number();
        for (long number = last; number > last - ring.size(); number--) {
            FigureSlot slot = ring.at(number);
            if (slot != null) {
                ok += slot.count(Figure.OK) + slot.count(Figure.CANCELLED) + slot.count(Figure.REJECTED);
                failed += slot.count(Figure.FAILED) + slot.count(Figure.TRUNCATED);
                limited += slot.count(Figure.LIMITED_BY_SERVICE);
            }
        }
        Long p50 = AdminOverview.waits(ring, last, ring.size()).percentile(P50);
        return new Lately(ok + failed + limited, failed, limited, p50);
    }
}
