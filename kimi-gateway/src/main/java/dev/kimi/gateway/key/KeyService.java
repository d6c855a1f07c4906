package dev.kimi.gateway.key;

import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** All that looks after keys, with its thread and timer. */
final class KeyService implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("dev.kimi.gateway.keys");
    private static final int CLOSING_SECONDS = 5;

    private final Gatekeeper gatekeeper;
    private final VirtualKeys keys;
    private final @Nullable Runtime runtime;

    private KeyService(Gatekeeper gatekeeper, VirtualKeys keys, @Nullable Runtime runtime) {
        this.gatekeeper = gatekeeper;
        this.keys = keys;
        this.runtime = runtime;
    }

    /** Without keys. */
    static KeyService open() {
        LOG.log(
                System.Logger.Level.WARNING,
                "No keys are configured: whoever reaches the gateway may call, without limits. Set"
                        + " kimi.gateway.keys.file, or spring.datasource.url for several gateways.");
        return new KeyService(new OpenGatekeeper(), new NoKeys(), null);
    }

    /**
     * With the keys of a store.
     *
     * @throws UncheckedIOException if it cannot be read
     */
    static KeyService of(KeyStore store, SpendingStore spending, KeysProperties properties, TimeSource time) {
        Periods periods = new Periods(properties.zone(), time.now());
        Pricing pricing = new Pricing(
                properties.fallbackPrices().input(), properties.fallbackPrices().output());
        MeterSettings settings = new MeterSettings(time, periods, pricing, properties.budgetStatus());
        ExecutorService executor = Executors.newSingleThreadExecutor(KeyService::thread);
        Timer timer = Timer.wheel("kimi-keys-timer");
        StoredKeys keys = new StoredKeys(store, settings, new SecureRandom(), executor);
        SpendingSync sync = new SpendingSync(spending, keys::ring, periods, time);
        Runtime runtime = new Runtime(new Upkeep(keys, sync, timer, executor, properties.interval()), timer, executor);
        runtime.start();
        if (keys.list().isEmpty()) {
            LOG.log(System.Logger.Level.WARNING, "There are no keys yet, so that nobody may call: issue one.");
        }
        return new KeyService(new KeyGatekeeper(keys::ring, time), keys, runtime);
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "kimi-keys");
        thread.setDaemon(true);
        return thread;
    }

    Gatekeeper gatekeeper() {
        return gatekeeper;
    }

    VirtualKeys keys() {
        return keys;
    }

    @Override
    public void close() {
        if (runtime != null) {
            runtime.close();
        }
    }

    private record Runtime(Upkeep upkeep, Timer timer, ExecutorService executor) {

        private void start() {
            try {
                upkeep.start();
            } catch (UncheckedIOException e) {
                timer.close();
                executor.shutdown();
                throw e;
            }
        }

        /** After the last call has ended: what it has cost must still be written. */
        private void close() {
            timer.close();
            executor.execute(upkeep::close);
            executor.shutdown();
            try {
                if (!executor.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS)) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "What keys have spent since the last interval may be lost: the store has not responded in"
                                    + " {0} s.",
                            CLOSING_SECONDS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
