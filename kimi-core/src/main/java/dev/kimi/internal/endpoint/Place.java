package dev.kimi.internal.endpoint;

import dev.kimi.error.KimiException;
import dev.kimi.internal.util.DurationText;
import dev.kimi.time.TimeSource;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** An endpoint of a route, with a circuit for each of its models. Thread-safe. */
final class Place {

    private static final System.Logger LOG = System.getLogger("dev.kimi.routes");

    /** Models are named by callers, who may name anything: those beyond share a circuit. */
    private static final int MAX_MODELS = 256;

    private static final String OTHERS = "";

    private final Endpoint endpoint;
    private final TimeSource time;
    private final RandomGenerator random;
    private final Map<String, Circuit> circuits = new ConcurrentHashMap<>();

    Place(Endpoint endpoint, TimeSource time, RandomGenerator random) {
        this.endpoint = endpoint;
        this.time = time;
        this.random = random;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** The circuit of the request's model. */
    Circuit circuit(CallRequest request) {
        String model = Objects.requireNonNullElse(endpoint.modelOf(request), OTHERS);
        Circuit known = circuits.get(model);
        if (known != null) {
            return known;
        }
        String kept = circuits.size() < MAX_MODELS ? model : OTHERS;
        return circuits.computeIfAbsent(kept, name -> new Circuit(time, random, new Watch(name)));
    }

    /** What is to be seen of the circuits, that of the endpoint's own model always among them. */
    Stream<Circuit.Seen> circuits() {
        Map<String, Circuit.State> states = new TreeMap<>();
        states.put(endpoint.standardModel(), Circuit.State.CLOSED);
        circuits.forEach((model, circuit) -> states.put(model.isEmpty() ? "other" : model, circuit.state()));
        return states.entrySet().stream().map(one -> new Circuit.Seen(endpoint.name(), one.getKey(), one.getValue()));
    }

    void reset() {
        for (String model : circuits.keySet()) {
            Circuit dropped = circuits.remove(model);
            if (dropped != null) {
                dropped.retire();
            }
        }
    }

    private final class Watch implements Circuit.Watcher {

        private final String model;
        private final String who;

        private Watch(String model) {
            this.model = model;
            this.who = "endpoint '" + endpoint.name() + "'"
                    + (model.isEmpty() ? "" : ", model '" + model.replaceAll("\\p{Cntrl}", " ") + "'");
        }

        @Override
        public void opened(KimiException cause, Duration pause) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Circuit opened: " + who + ". Calls go to the other endpoints of the route; in "
                            + DurationText.of(pause) + " one call finds out whether it has recovered. Last failure: "
                            + cause.getClass().getSimpleName() + ", status " + cause.status());
        }

        @Override
        public void fellSilent(Duration silence, int waiting, Duration pause) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Circuit opened: " + who + ". Calls go to the other endpoints of the route; in "
                            + DurationText.of(pause)
                            + " one call finds out whether it has recovered. There was no response head for "
                            + DurationText.of(silence) + " while " + waiting + " calls wait");
        }

        @Override
        public void closed() {
            endpoint.recovered(model.isEmpty() ? null : model);
            LOG.log(System.Logger.Level.INFO, "Circuit closes: " + who + ". Calls return within two seconds");
        }
    }
}
