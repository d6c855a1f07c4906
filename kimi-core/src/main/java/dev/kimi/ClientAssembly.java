package dev.kimi;

import dev.kimi.KimiClientBuilder.LeakDetection;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.batch.BatchWindow;
import dev.kimi.internal.call.CallbackExecutors;
import dev.kimi.internal.call.Engine;
import dev.kimi.internal.call.EngineSettings;
import dev.kimi.internal.endpoint.Account;
import dev.kimi.internal.endpoint.AccountKey;
import dev.kimi.internal.endpoint.Accounts;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.EndpointSettings;
import dev.kimi.internal.endpoint.FailoverRouter;
import dev.kimi.internal.endpoint.ModelNames;
import dev.kimi.internal.endpoint.QuotaSource;
import dev.kimi.internal.endpoint.RetrySettings;
import dev.kimi.internal.leak.Leaks;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.util.UserAgent;
import dev.kimi.quota.Quota;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.spi.ProviderFactory;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.Timer;
import dev.kimi.transport.Transport;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Puts a client together from the settings of a builder. */
final class ClientAssembly {

    /** Below {@code kimi.retry}, and for the client itself. */
    static final String REPLAY_ON_IDLE_CLOSE = "replay-on-idle-close";

    private final KimiClientBuilder builder;
    private final Destination destination;
    private final Timer timer;
    private final OwnTimer ownTimer;
    private final OwnedParts owned = new OwnedParts();

    ClientAssembly(KimiClientBuilder builder, Destination destination) {
        this.builder = builder;
        this.destination = destination;
        // the first of the parts, and so the last that is closed: the others may wait on it
        this.ownTimer = owned.add(new OwnTimer(builder.timer, "kimi-timer-" + builder.name));
        this.timer = ownTimer.timer();
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
        // What can fail without holding anything comes first; the transport, which holds threads, comes last.
        ModelCards cards = builder.cards.cards();
        cards.checkDefault(destination.model(), LocalDate.ofInstant(builder.time.now(), ZoneOffset.UTC));
        CredentialsProvider credentials = credentials();
        RetryPolicy retry = retry();
        boolean replayOnIdleClose = settings(Part.RETRY).flag(REPLAY_ON_IDLE_CLOSE, true);
        ProviderFactory<BatchWindow> windows = windows();
        RandomGenerator random = builder.random == null ? settings(Part.RETRY).random() : builder.random;
        Account account = account(credentials, random);
        Transport transport = transport();
        Leaks leaks = new Leaks(
                builder.name, builder.leakDetection != LeakDetection.OFF, builder.leakDetection == LeakDetection.STACK);
        EndpointSettings place = new EndpointSettings(
                builder.name,
                destination.baseUrl(),
                destination.protocol(),
                true,
                ModelNames.asAsked(destination.model()),
                cards,
                UserAgent.of(builder.userAgent),
                destination.booking(),
                new RetrySettings(retry, replayOnIdleClose, random));
        Endpoint home = new Endpoint(place, account, credentials, transport);
        Engine engine = new Engine(settings(), new FailoverRouter(List.of(home)), owned::close, leaks);
        return new DefaultKimiClient(engine, home, builder.time, () -> windows.create(settings(Part.BATCH)), leaks);
    }

    private EngineSettings settings() {
        CallbackExecutors callbacks = new CallbackExecutors(
                builder.name, builder.callbackExecutor, ForkJoinPool.commonPool(), builder.callbackContext);
        return new EngineSettings(
                builder.name, builder.timeouts, List.copyOf(builder.listeners), callbacks, builder.time, timer);
    }

    private CredentialsProvider credentials() {
        if (builder.credentials != null) {
            return builder.credentials;
        }
        ProviderFactory<CredentialsProvider> factory = factory(Part.AUTH);
        ProviderSettings settings = settings(Part.AUTH);
        return owned.add(
                factory instanceof BuiltIn.ApiKey key
                        ? key.create(settings, destination.keyHeader())
                        : factory.create(settings));
    }

    private RetryPolicy retry() {
        if (builder.retryPolicy != null) {
            return builder.retryPolicy;
        }
        return owned.add(factory(Part.RETRY).create(settings(Part.RETRY)));
    }

    private Account account(CredentialsProvider credentials, RandomGenerator random) {
        Object clock = builder.timer == null ? builder.time : builder.timer;
        AccountKey key = AccountKey.of(credentials, builder.name, destination.baseUrl(), clock);
        return owned.add(Accounts.ofTheProcess().open(key, builder.name, limits(), () -> found(key.id(), random)))
                .account();
    }

    /** The account goes on for other clients when this one is closed, and its timer with it. */
    private Accounts.Founding found(String id, RandomGenerator random) {
        Account made = new Account(id, Quota.unlimited(), builder.time, timer, random);
        return new Accounts.Founding(made, ownTimer.handToAccount());
    }

    private @Nullable QuotaSource limits() {
        if (builder.quota != null) {
            return QuotaSource.of(builder.quota);
        }
        String wanted = builder.providers.get(Part.QUOTA);
        Map<String, String> settings = builder.partSettings.getOrDefault(Part.QUOTA, Map.of());
        if (wanted == null && settings.isEmpty()) {
            return null;
        }
        ProviderFactory<Quota> factory = factory(Part.QUOTA);
        return QuotaSource.of(
                List.of(factory.name(), Map.copyOf(settings)),
                ofAccount -> factory.create(settings(Part.QUOTA, ofAccount)));
    }

    private ProviderFactory<BatchWindow> windows() {
        ProviderFactory<BatchWindow> windows =
                builder.batchWindows != null ? builder.batchWindows : factory(Part.BATCH);
        // made once now, so that a wrong setting stops the start and not the first run
        windows.create(settings(Part.BATCH));
        return windows;
    }

    private Transport transport() {
        if (builder.transport != null) {
            return builder.transport;
        }
        return owned.add(factory(Part.TRANSPORT).create(settings(Part.TRANSPORT)));
    }

    private <T> ProviderFactory<T> factory(Part<T> part) {
        ProviderFactory<T> factory = part.factory(builder.providers.get(part));
        part.check(factory, builder.partSettings.getOrDefault(part, Map.of()).keySet());
        return factory;
    }

    private ProviderSettings settings(Part<?> part) {
        return settings(part, timer);
    }

    private ProviderSettings settings(Part<?> part, Timer used) {
        ProviderSettings.Builder settings = part.settings(used)
                .setAll(builder.partSettings.getOrDefault(part, Map.of()))
                .time(builder.time)
                .timeouts(builder.timeouts);
        if (builder.random != null) {
            settings.random(builder.random);
        }
        return settings.build();
    }
}
