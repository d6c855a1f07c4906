package dev.kimi;

import dev.kimi.KimiClientBuilder.LeakDetection;
import dev.kimi.batch.BatchWindow;
import dev.kimi.error.ConfigurationException;
import dev.kimi.internal.call.CallbackExecutors;
import dev.kimi.internal.call.Engine;
import dev.kimi.internal.call.EngineSettings;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.FailoverRouter;
import dev.kimi.internal.leak.Leaks;
import dev.kimi.spi.ProviderFactory;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.Timer;
import dev.kimi.transport.Transport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;

/** Puts a client together from the settings of a builder, and of those that describe the rest of its route. */
final class ClientAssembly {

    /** Below {@code kimi.retry}, and for the client itself. */
    static final String REPLAY_ON_IDLE_CLOSE = "replay-on-idle-close";

    private final KimiClientBuilder builder;
    private final Destination destination;
    private final OwnTimer timer;
    private final OwnedParts owned = new OwnedParts();

    ClientAssembly(KimiClientBuilder builder, Destination destination) {
        this.builder = builder;
        this.destination = destination;
        // the first of the parts, and so the last that is closed: the others may wait on it
        this.timer = owned.add(new OwnTimer(builder.timer, "kimi-timer-" + builder.name));
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
        EndpointAssembly own = endpoints(builder, destination);
        List<Endpoint> route = new ArrayList<>(own.assemble(destination, null));
        Endpoint home = route.get(0);
        Transport shared = builder.transport == null ? home.transport() : null;
        for (KimiClientBuilder other : builder.failover) {
            route.addAll(endpoints(other, other.destination()).assemble(destination, shared));
        }
        checkNames(route);
        Leaks leaks = new Leaks(
                builder.name, builder.leakDetection != LeakDetection.OFF, builder.leakDetection == LeakDetection.STACK);
        FailoverRouter router = new FailoverRouter(route, builder.time, own.random());
        Engine engine = new Engine(settings(), router, owned::close, leaks);
        Runnable resetLimits = () -> {
            route.forEach(endpoint -> endpoint.account().resetLimits());
            router.reset();
        };
        return new DefaultKimiClient(
                new DefaultKimiClient.Parts(engine, router::circuits, home, builder.time, resetLimits, leaks),
                () -> windows.create(batchSettings()));
    }

    private EndpointAssembly endpoints(KimiClientBuilder described, Destination where) {
        return new EndpointAssembly(described, builder, where, timer, owned);
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
                builder.name, builder.callbackExecutor, ForkJoinPool.commonPool(), builder.callbackContext);
        return new EngineSettings(
                builder.name, builder.timeouts, List.copyOf(builder.listeners), callbacks, builder.time, timer.timer());
    }

    private ProviderFactory<BatchWindow> windows() {
        ProviderFactory<BatchWindow> windows =
                builder.batchWindows != null ? builder.batchWindows : factory(builder, Part.BATCH);
        // made once now, so that a wrong setting stops the start and not the first run
        windows.create(batchSettings());
        return windows;
    }

    private ProviderSettings batchSettings() {
        return settings(builder, builder, Part.BATCH, timer.timer()).build();
    }

    static <T> ProviderFactory<T> factory(KimiClientBuilder builder, Part<T> part) {
        ProviderFactory<T> factory = part.factory(builder.providers.get(part));
        part.check(factory, builder.partSettings.getOrDefault(part, Map.of()).keySet());
        return factory;
    }

    /**
     * The settings of a part.
     *
     * @param builder whose settings
     * @param client what is known of the client: clock, chance and time limits
     */
    static ProviderSettings.Builder settings(
            KimiClientBuilder builder, KimiClientBuilder client, Part<?> part, Timer used) {
        ProviderSettings.Builder settings = part.settings(used)
                .setAll(builder.partSettings.getOrDefault(part, Map.of()))
                .time(client.time)
                .timeouts(client.timeouts);
        if (client.random != null) {
            settings.random(client.random);
        }
        return settings;
    }
}
