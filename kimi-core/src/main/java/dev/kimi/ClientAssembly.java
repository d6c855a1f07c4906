package dev.kimi;

import dev.kimi.KimiClientBuilder.LeakDetection;
import dev.kimi.batch.BatchWindow;
import dev.kimi.error.ConfigurationException;
import dev.kimi.internal.call.CallbackExecutors;
import dev.kimi.internal.call.Engine;
import dev.kimi.internal.call.EngineSettings;
import dev.kimi.internal.call.Preparation;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.FailoverRouter;
import dev.kimi.internal.endpoint.Hedging;
import dev.kimi.internal.leak.Leaks;
import dev.kimi.spi.ProviderFactory;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.Timer;
import dev.kimi.transport.Transport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;

/** Puts a client together from the settings of a builder, and of those that describe the rest of its route. */
final class ClientAssembly {

    /** Below {@code kimi.retry}, and for the client itself. */
    static final String REPLAY_ON_IDLE_CLOSE = "replay-on-idle-close";

    private final KimiClientBuilder builder;
    private final Destination destination;
    private final OwnTimer timer;
    private final OwnedParts owned = new OwnedParts();

    ClientAssembly(KimiClientBuilder builder) {
        this.builder = builder;
        this.destination = Destination.of(builder.endpoint);
        // the first of the parts, and so the last that is closed: the others may wait on it
        this.timer = owned.add(new OwnTimer(builder.timer, "kimi-timer-" + builder.endpoint.name));
    }

    KimiClient assemble() {
        boolean assembled = false;
        try {
            KimiClient client = assembleParts();
            assembled = true;
            return client;
        } finally {
            if (!assembled) {
                owned.close();
            }
        }
    }

    private KimiClient assembleParts() {
        ProviderFactory<BatchWindow> windows = windows();
        EndpointAssembly own = endpoints(builder.endpoint, destination);
        List<Endpoint> route = new ArrayList<>(own.assemble(destination, null));
        int keys = route.size();
        Endpoint home = route.get(0);
        Transport shared = builder.endpoint.transport == null ? home.transport() : null;
        for (KimiClientBuilder other : builder.failover) {
            route.addAll(others(other.endpoint, shared));
        }
        checkNames(route);
        Leaks leaks = new Leaks(
                builder.endpoint.name,
                builder.leakDetection != LeakDetection.OFF,
                builder.leakDetection == LeakDetection.STACK);
        FailoverRouter router = new FailoverRouter(route, keys, builder.time, own.random(), hedging());
        EngineSettings settings = settings();
        Engine engine = new Engine(settings, router, owned::close, leaks);
        Preparation warmUp = new Preparation(settings, route, own.random());
        Runnable resetLimits = () -> {
            route.forEach(endpoint -> endpoint.account().resetLimits());
            router.reset();
        };
        return new DefaultKimiClient(
                new DefaultKimiClient.Parts(engine, warmUp, router::circuits, home, builder.time, resetLimits, leaks),
                () -> windows.create(batchSettings()));
    }

    private List<Endpoint> others(EndpointDescription other, @Nullable Transport shared) {
        try {
            return endpoints(other, Destination.of(other)).assemble(destination, shared);
        } catch (ConfigurationException e) {
            throw new ConfigurationException(
                    e.setting(), "Endpoint '" + other.name + "' of the route: " + e.problem(), e.fix());
        }
    }

    private EndpointAssembly endpoints(EndpointDescription described, Destination where) {
        return new EndpointAssembly(described, builder, where, timer, owned);
    }

    private @Nullable Hedging hedging() {
        double share = builder.hedging;
        // written so that NaN is not within
        if (!(share >= 0 && share <= Hedging.MOST)) {
            throw new ConfigurationException(
                    "kimi.hedging",
                    "The share of streams that may be sent to a second endpoint too is " + share + ".",
                    "Write a number from 0, for none, to " + Hedging.MOST + ", such as 0.05.");
        }
        return share == 0 ? null : new Hedging(share);
    }

    private static void checkNames(List<Endpoint> route) {
        Set<String> names = new HashSet<>();
        for (Endpoint endpoint : route) {
            if (!names.add(endpoint.name())) {
                throw new ConfigurationException(
                        "kimi.failover",
                        "Two endpoints of the route have the name " + endpoint.name() + ".",
                        "Give each builder of the route a name of its own.");
            }
        }
    }

    private EngineSettings settings() {
        CallbackExecutors callbacks = new CallbackExecutors(
                builder.endpoint.name, builder.callbackExecutor, ForkJoinPool.commonPool(), builder.callbackContext);
        return new EngineSettings(
                builder.endpoint.name,
                builder.timeouts,
                List.copyOf(builder.listeners),
                callbacks,
                builder.time,
                timer.timer());
    }

    private ProviderFactory<BatchWindow> windows() {
        ProviderFactory<BatchWindow> windows =
                builder.batchWindows != null ? builder.batchWindows : builder.endpoint.factory(Part.BATCH);
        // made once now, so that a wrong setting stops the start and not the first run
        windows.create(batchSettings());
        return windows;
    }

    private ProviderSettings batchSettings() {
        return settings(builder.endpoint, builder, Part.BATCH, timer.timer()).build();
    }

    /**
     * The settings of a part.
     *
     * @param endpoint whose settings
     * @param client what is known of the client: clock, chance and time limits
     */
    static ProviderSettings.Builder settings(
            EndpointDescription endpoint, KimiClientBuilder client, Part<?> part, Timer used) {
        ProviderSettings.Builder settings = part.settings(used)
                .setAll(endpoint.settings(part))
                .time(client.time)
                .timeouts(client.timeouts)
                .tls(endpoint.tls);
        if (client.random != null) {
            settings.random(client.random);
        }
        return settings;
    }
}
