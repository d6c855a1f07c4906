package dev.kimi.observability.autoconfigure;

import dev.kimi.Diagnostics;
import dev.kimi.KimiClient;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallListener;
import dev.kimi.event.CallObserver;
import dev.kimi.time.TimeSource;
import dev.kimi.transport.PoolState;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * Says what the application's own calls have found out lately. It never calls the service: that would cost money, need
 * a permit of the quota, and check something else.
 */
final class KimiHealthIndicator implements HealthIndicator, CallListener {

    /** After that, an outcome says nothing about now. It also lets an instance that was taken out of service return. */
    static final Duration LATELY = Duration.ofMinutes(5);

    private final KimiClientBeans clients;
    private final TimeSource time;
    private final Map<String, OutcomeTracker> tracks = new ConcurrentHashMap<>();

    KimiHealthIndicator(KimiClientBeans clients, TimeSource time) {
        this.clients = clients;
        this.time = time;
    }

    @Override
    public CallObserver started(CallEvent.Started call) {
        OutcomeTracker track = tracks.computeIfAbsent(call.client(), name -> new OutcomeTracker());
        return event -> {
            if (event instanceof CallEvent.Finished finished) {
                track.ended(finished, time.nanoTime());
            }
        };
    }

    @Override
    public Health health() {
        Health.Builder health = new Health.Builder();
        Status all = Status.UNKNOWN;
        for (KimiClient client : clients.all()) {
            OutcomeTracker track = tracks.computeIfAbsent(client.name(), name -> new OutcomeTracker());
            OutcomeTracker.Verdict verdict = track.verdict(time.nanoTime(), LATELY);
            Status status = status(verdict);
            all = worse(all, status);
            Map<String, Object> details = details(status, verdict, client.pool());
            Map<String, String> circuits = circuits(client);
            if (!circuits.isEmpty()) {
                details.put("circuits", circuits);
            }
            health.withDetail(client.name(), details);
        }
        return health.status(all).build();
    }

    /** By endpoint and model; empty where the client has one endpoint. */
    private static Map<String, String> circuits(KimiClient client) {
        Map<String, String> states = new LinkedHashMap<>();
        for (Diagnostics.Circuit circuit : client.diagnostics().circuits()) {
            String state = circuit.state().name().toLowerCase(Locale.ROOT).replace('_', '-');
            states.put(circuit.endpoint() + ", " + circuit.model(), state);
        }
        return states;
    }

    private static Status status(OutcomeTracker.Verdict verdict) {
        return switch (verdict.finding()) {
            case NOTHING_KNOWN -> Status.UNKNOWN;
            case RESPONDS, FAILS_AT_TIMES -> Status.UP;
            case FAILS -> Status.DOWN;
        };
    }

    private static Status worse(Status one, Status other) {
        if (one == Status.DOWN || other == Status.DOWN) {
            return Status.DOWN;
        }
        return one == Status.UP || other == Status.UP ? Status.UP : Status.UNKNOWN;
    }

    private static Map<String, Object> details(Status status, OutcomeTracker.Verdict verdict, PoolState pool) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("status", status.getCode());
        if (verdict.finding() == OutcomeTracker.Finding.NOTHING_KNOWN) {
            details.put("reason", "no call has ended in the last " + LATELY.toMinutes() + " minutes");
        } else {
            details.put("failuresInARow", verdict.failuresInARow());
            if (!verdict.lastError().isEmpty()) {
                details.put("lastError", verdict.lastError());
            }
        }
        if (pool.max() >= 0) {
            details.put(
                    "connections",
                    "active " + pool.active() + ", idle " + pool.idle() + ", pending " + pool.pending() + ", max "
                            + pool.max());
        }
        return details;
    }
}
