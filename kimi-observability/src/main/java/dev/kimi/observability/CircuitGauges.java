package dev.kimi.observability;

import dev.kimi.Diagnostics.Circuit;
import dev.kimi.observability.KimiMeter.Tag;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The gauges of the circuits of all clients of one name. A circuit comes with the first call of its model: its gauge is
 * there from the scrape on that follows one that finds it. Thread-safe.
 */
final class CircuitGauges {

    /** Models are named by callers, who may name anything. */
    private static final int MAX_GAUGES = 100;

    private final MeterRegistry registry;
    private final String client;
    private final Supplier<List<Circuit>> circuits;
    private final Map<Tags, Meter> gauges = new HashMap<>();
    private boolean closed;

    /** @param circuits those that there are now */
    CircuitGauges(MeterRegistry registry, String client, Supplier<List<Circuit>> circuits) {
        this.registry = registry;
        this.client = client;
        this.circuits = circuits;
        register(circuits.get());
    }

    private synchronized void register(List<Circuit> found) {
        for (Circuit circuit : found) {
            Tags tags = tags(circuit);
            if (!closed && gauges.size() < MAX_GAUGES && !gauges.containsKey(tags)) {
                gauges.put(
                        tags,
                        Gauge.builder(KimiMeter.CIRCUIT.getName(), () -> state(tags))
                                .description("Circuit of an endpoint and model: 0 closed, 1 half-open, 2 open")
                                .tags(tags)
                                .strongReference(true)
                                .register(registry));
            }
        }
    }

    private Tags tags(Circuit circuit) {
        return Tags.of(
                Tag.CLIENT.asString(),
                client,
                Tag.ENDPOINT.asString(),
                circuit.endpoint(),
                Tag.MODEL.asString(),
                circuit.model());
    }

    private int state(Tags wanted) {
        List<Circuit> found = circuits.get();
        register(found);
        return found.stream()
                .filter(circuit -> tags(circuit).equals(wanted))
                .mapToInt(circuit -> number(circuit.state()))
                .max()
                .orElse(number(Circuit.State.CLOSED));
    }

    private static int number(Circuit.State state) {
        return switch (state) {
            case CLOSED -> 0;
            case HALF_OPEN -> 1;
            case OPEN -> 2;
        };
    }

    synchronized void remove() {
        closed = true;
        gauges.values().forEach(registry::remove);
        gauges.clear();
    }
}
