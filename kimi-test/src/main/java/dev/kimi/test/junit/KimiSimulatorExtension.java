package dev.kimi.test.junit;

import dev.kimi.KimiClient;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.internal.Eventually;
import dev.kimi.time.Timer;
import dev.kimi.transport.PoolState;
import dev.kimi.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives the tests of a class one {@link KimiSimulator} and fails each test that leaves something behind.
 *
 * <p>The simulator is a parameter of constructors and methods; it starts with the first use, is reset before each test
 * and closed after the last. So is this extension, for {@link #track(KimiClient) tracking} what a test uses. After
 * every test, and after its own {@code @AfterEach} methods, it checks that
 *
 * <ul>
 *   <li>no request is open at the simulator,
 *   <li>no connection is open but those that were before the test and those idle in tracked pools,
 *   <li>tracked clients and transports have no exchange, no connection in use and none that wait,
 *   <li>tracked clients have no call under way, and no stream of theirs was dropped unread and found by the garbage
 *       collector, which is not made to run,
 *   <li>tracked timers have nothing scheduled.
 * </ul>
 *
 * <p>What is still on its way gets two seconds. Tests of the class must not run at the same time.
 */
public final class KimiSimulatorExtension
        implements BeforeEachCallback, AfterEachCallback, AfterAllCallback, ParameterResolver {

    private final Duration patience;
    private final List<Tracked> tracked = new CopyOnWriteArrayList<>();
    private @Nullable KimiSimulator simulator;
    /** Connections before the test that no tracked pool knows of. */
    private int foreignConnections;

    private final List<KimiClient> clients = new CopyOnWriteArrayList<>();
    /** Streams that had been dropped before the test. */
    private long droppedBefore;

    /** A pool, client or timer that must come to rest. */
    private record Tracked(@Nullable Supplier<PoolState> pool, BooleanSupplier atRest, Supplier<String> complaint) {}

    /** With a simulator of its own. */
    public KimiSimulatorExtension() {
        this(Duration.ofSeconds(2));
    }

    KimiSimulatorExtension(Duration patience) {
        this.patience = patience;
    }

    /** The simulator, started if it was not. */
    public synchronized KimiSimulator simulator() {
        KimiSimulator running = simulator;
        if (running == null) {
            running = KimiSimulator.start();
            simulator = running;
        }
        return running;
    }

    /** Checks the client's calls, streams and pool after every test from now on. Returns the client. */
    public <T extends KimiClient> T track(T client) {
        clients.add(client);
        tracked.add(new Tracked(
                null,
                () -> client.diagnostics().calls().total() == 0,
                () -> "the client still has calls: " + client.diagnostics().calls()));
        return track("the client's pool", client, client::pool);
    }

    /** Checks the transport's pool after every test from now on. Returns the transport. */
    public <T extends Transport> T track(T transport) {
        return track("the transport's pool", transport, transport::pool);
    }

    /** Checks after every test from now on that nothing is scheduled. Returns the timer. */
    public <T extends Timer> T track(T timer) {
        tracked.add(new Tracked(null, () -> timer.pending() == 0, () -> "the timer still has something scheduled"));
        return timer;
    }

    private <T> T track(String what, T owner, Supplier<PoolState> pool) {
        tracked.add(new Tracked(
                pool,
                () -> {
                    PoolState state = pool.get();
                    return PoolState.UNKNOWN.equals(state)
                            || (state.active() == 0 && state.pending() == 0 && state.exchanges() == 0);
                },
                () -> describe(what, pool.get())));
        return owner;
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        KimiSimulator running = simulator();
        running.reset();
        foreignConnections = Math.max(0, running.openConnections() - idleInPools());
        droppedBefore = dropped();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        List<String> leaks = new ArrayList<>();
        KimiSimulator running = simulator();
        for (Tracked each : tracked) {
            if (!settles(each.atRest())) {
                leaks.add(each.complaint().get());
            }
        }
        if (!settles(() -> running.openRequests() == 0)) {
            leaks.add("the simulator still has " + running.openRequests() + " open request(s)");
        }
        if (!settles(() -> running.openConnections() <= connectionsAllowed())) {
            leaks.add("the simulator has " + running.openConnections() + " open connection(s), but only "
                    + connectionsAllowed() + " can be accounted for; is a client not closed, or not tracked?");
        }
        long dropped = dropped() - droppedBefore;
        if (dropped > 0) {
            leaks.add(dropped + " stream(s) were dropped unread, by this test or one before it");
        }
        if (!leaks.isEmpty()) {
            throw new AssertionError("The test left something behind: " + String.join("; ", leaks) + ".");
        }
    }

    @Override
    public synchronized void afterAll(ExtensionContext context) {
        if (simulator != null) {
            simulator.close();
            simulator = null;
        }
    }

    private int connectionsAllowed() {
        return foreignConnections + idleInPools();
    }

    private int idleInPools() {
        int idle = 0;
        for (Tracked each : tracked) {
            if (each.pool() != null) {
                idle += Math.max(0, each.pool().get().idle());
            }
        }
        return idle;
    }

    private static String describe(String what, PoolState state) {
        return what + " still has " + state.active() + " connection(s) in use, " + state.exchanges()
                + " exchange(s) and " + state.pending() + " waiting";
    }

    private long dropped() {
        return clients.stream()
                .mapToLong(client -> client.diagnostics().leakedStreams())
                .sum();
    }

    private boolean settles(BooleanSupplier condition) {
        return Eventually.holds(patience, condition);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == KimiSimulator.class || type == KimiSimulatorExtension.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == KimiSimulator.class ? simulator() : this;
    }
}
