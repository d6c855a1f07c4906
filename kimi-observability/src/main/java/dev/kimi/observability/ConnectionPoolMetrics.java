package dev.kimi.observability;

import dev.kimi.Diagnostics;
import dev.kimi.KimiClient;
import dev.kimi.observability.KimiMeter.Tag;
import dev.kimi.transport.PoolState;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;

/**
 * Gauges for the connection pools of clients: their sum as {@link KimiMeter#CONNECTION_POOL}, each client's own as
 * {@link KimiMeter#CONNECTIONS}. Clients with the same name count as one. A pool that several clients share is counted
 * once in the sum, and is reported as a whole by each of them. A pool that reports nothing counts as nothing; where
 * none reports anything, the gauge is NaN. Beside them, what was dropped without being closed is counted as
 * {@link KimiMeter#LEAKS}; streams of a client that is removed stay counted. The circuits of each client's route are
 * {@link KimiMeter#CIRCUIT}, of clients with the same name the worst.
 *
 * <p>One per registry, since the sum can be registered only once. The gauges hold the clients until {@link #remove}, so
 * that a client that was added cannot be found to be dropped. Thread-safe.
 */
public final class ConnectionPoolMetrics {

    private static final String LEAKED = "leaked";

    private static final Map<String, ToIntFunction<PoolState>> STATES = Map.of(
            "active", PoolState::active,
            "idle", PoolState::idle,
            "pending", PoolState::pending,
            "max", PoolState::max);

    private final MeterRegistry registry;
    private final List<KimiClient> clients = new CopyOnWriteArrayList<>();
    private final Map<String, List<Meter>> gaugesOfClients = new HashMap<>();
    private final Map<String, CircuitGauges> circuitsOfClients = new HashMap<>();
    /** Streams that were dropped by clients that have been removed. */
    private long leakedStreamsBefore;
    /** Every client reports on the whole process, but there may be none left to ask. */
    private long reclaimedClients;

    /** Registers the sum, of no clients yet. */
    public ConnectionPoolMetrics(MeterRegistry registry) {
        this.registry = registry;
        STATES.forEach((state, value) -> gauge(
                KimiMeter.CONNECTION_POOL,
                "Connections by state, over all clients",
                Tags.of(Tag.STATE.asString(), state),
                () -> sum(client -> true, value)));
        gauge(
                KimiMeter.CONNECTION_POOL,
                "Connections by state, over all clients",
                Tags.of(Tag.STATE.asString(), LEAKED),
                this::leakedStreams);
        counter("stream", ConnectionPoolMetrics::leakedStreams);
        counter("client", ConnectionPoolMetrics::reclaimedClients);
    }

    private void counter(String type, ToDoubleFunction<ConnectionPoolMetrics> value) {
        FunctionCounter.builder(KimiMeter.LEAKS.getName(), this, value)
                .description("Streams and clients that were dropped without being closed and have been reclaimed")
                .tags(Tag.TYPE.asString(), type)
                .register(registry);
    }

    /** Adds a client to the sum and registers its own gauges. */
    public synchronized ConnectionPoolMetrics add(KimiClient client) {
        clients.add(client);
        gaugesOfClients.computeIfAbsent(client.name(), this::gauges);
        circuitsOfClients.computeIfAbsent(
                client.name(), name -> new CircuitGauges(registry, name, () -> circuits(name)));
        return this;
    }

    /** Takes a client out again; does nothing if it was never added. */
    public synchronized void remove(KimiClient client) {
        if (clients.remove(client) && !clients.contains(client)) {
            leakedStreamsBefore += client.diagnostics().leakedStreams();
        }
        String name = client.name();
        if (clients.stream().noneMatch(other -> other.name().equals(name))) {
            List<Meter> gauges = gaugesOfClients.remove(name);
            if (gauges != null) {
                gauges.forEach(registry::remove);
            }
            CircuitGauges circuits = circuitsOfClients.remove(name);
            if (circuits != null) {
                circuits.remove();
            }
        }
    }

    private List<Diagnostics.Circuit> circuits(String name) {
        return clients.stream()
                .filter(client -> client.name().equals(name))
                .flatMap(client -> client.diagnostics().circuits().stream())
                .toList();
    }

    private List<Meter> gauges(String name) {
        Predicate<KimiClient> named = client -> client.name().equals(name);
        Tags tags = Tags.of(Tag.CLIENT.asString(), name);
        List<Meter> gauges = new ArrayList<>();
        STATES.forEach((state, value) -> gauges.add(gauge(
                KimiMeter.CONNECTIONS,
                "Connections by state, per client",
                tags.and(Tag.STATE.asString(), state),
                () -> sum(named, value))));
        gauges.add(gauge(
                KimiMeter.CONNECTIONS,
                "Connections by state, per client",
                tags.and(Tag.STATE.asString(), LEAKED),
                () -> leakedStreams(named)));
        gauges.add(gauge(
                KimiMeter.EXCHANGES, "Exchanges in flight, per client", tags, () -> sum(named, PoolState::exchanges)));
        return gauges;
    }

    private Meter gauge(KimiMeter meter, String description, Tags tags, Supplier<Number> value) {
        return Gauge.builder(meter.getName(), value)
                .description(description)
                .tags(tags)
                .strongReference(true)
                .register(registry);
    }

    private synchronized long leakedStreams() {
        return leakedStreamsBefore + leakedStreams(client -> true);
    }

    private long leakedStreams(Predicate<KimiClient> which) {
        return clients.stream()
                .distinct()
                .filter(which)
                .mapToLong(client -> client.diagnostics().leakedStreams())
                .sum();
    }

    private synchronized long reclaimedClients() {
        for (KimiClient client : clients) {
            reclaimedClients = Math.max(reclaimedClients, client.diagnostics().reclaimedClients());
        }
        return reclaimedClients;
    }

    private Number sum(Predicate<KimiClient> which, ToIntFunction<PoolState> value) {
        int sum = 0;
        boolean reported = clients.isEmpty();
        List<KimiClient> counted = new ArrayList<>();
        for (KimiClient client : clients) {
            if (which.test(client) && counted.stream().noneMatch(client::sharesPoolWith)) {
                counted.add(client);
                int count = value.applyAsInt(client.pool());
                reported |= count >= 0;
                sum += Math.max(0, count);
            }
        }
        return reported ? sum : Double.NaN;
    }
}
