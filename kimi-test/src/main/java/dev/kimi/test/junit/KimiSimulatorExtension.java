package dev.kimi.test.junit;

import dev.kimi.KimiClient;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.support.Eventually;
import dev.kimi.time.Timer;
import dev.kimi.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;

/**
 * Gives tests a {@link KimiSimulator}, resets it before each test, and fails each test that leaves something behind.
 *
 * <pre>{@code
 * @ExtendWith(KimiSimulatorExtension.class)
 * class AssistantTest {
 *     private final KimiClient client;
 *
 *     AssistantTest(KimiSimulator kimi, KimiSimulatorExtension extension) {
 *         client = extension.track(KimiClient.builder().baseUrl(kimi.baseUrl()).apiKey("any").build());
 *     }
 * }
 * }</pre>
 *
 * <p>Registered on a class, or in a static field, there is one simulator for the class: it starts with the first use
 * and is closed after the last test, those of nested classes included. Registered in a field of the instance there is
 * one for each test. Simulator and extension can be parameters of constructors and methods.
 *
 * <p>Before every test, and before its own {@code @BeforeEach} methods, the simulator is reset, and so are the
 * {@linkplain KimiClient#resetLimits() limits} of tracked clients. After every test, and after its own
 * {@code @AfterEach} methods, it must not have left
 *
 * <ul>
 *   <li>a request that is open at the simulator,
 *   <li>a connection, unless it is idle in a tracked pool,
 *   <li>a call of a tracked client, or a stream that was neither read to its end nor closed,
 *   <li>an exchange, a connection in use or a wait for one in the pool of a tracked client or transport,
 *   <li>a task of a tracked timer.
 * </ul>
 *
 * <p>What was there before the test does not fail it. What is about to end gets two seconds. Tests that share a
 * simulator must not run at the same time: the second fails and says so.
 */
public final class KimiSimulatorExtension
        implements BeforeAllCallback,
                TestInstancePreConstructCallback,
                BeforeEachCallback,
                AfterEachCallback,
                AfterAllCallback,
                ParameterResolver {

    private final Supplier<KimiSimulator> starts;
    private final Duration patience;
    private final Tracking tracking = new Tracking();
    /** The test that is running. */
    private final AtomicReference<@Nullable String> running = new AtomicReference<>();

    private @Nullable KimiSimulator simulator;
    /** Classes that have begun and not ended; more than one while the tests of a nested class run. */
    private int classes;
    /** Connections before the test that no tracked pool knows of. */
    private int foreignConnections;

    /** With a simulator that has the defaults. */
    public KimiSimulatorExtension() {
        this(KimiSimulator::start);
    }

    /**
     * With a simulator that the test configures.
     *
     * @param starts starts it, when it is first used; the extension closes it
     */
    public KimiSimulatorExtension(Supplier<KimiSimulator> starts) {
        this(starts, Duration.ofSeconds(2));
    }

    KimiSimulatorExtension(Duration patience) {
        this(KimiSimulator::start, patience);
    }

    private KimiSimulatorExtension(Supplier<KimiSimulator> starts, Duration patience) {
        this.starts = starts;
        this.patience = patience;
    }

    /** The simulator, started if it was not. Not to be closed by tests. */
    public synchronized KimiSimulator simulator() {
        KimiSimulator started = simulator;
        if (started == null) {
            started = starts.get();
            simulator = started;
        }
        return started;
    }

    /**
     * Resets the client's limits now and before every test, and checks its calls, streams and pool after it. What is
     * tracked while a test runs, from its constructor on, is checked after that test only; what is tracked before, as
     * in a static field or {@code @BeforeAll}, after every test. Tracking twice is tracking once, and so is tracking
     * two that share a pool, for that pool.
     *
     * @return the client
     */
    public <T extends KimiClient> T track(T client) {
        client.resetLimits();
        tracking.add(client);
        return client;
    }

    /** Checks the transport's pool, for as long and as often as {@link #track(KimiClient)}. Returns the transport. */
    public <T extends Transport> T track(T transport) {
        tracking.add(transport);
        return transport;
    }

    /**
     * Checks that nothing more is scheduled than before, for as long and as often as {@link #track(KimiClient)}.
     * Returns the timer.
     */
    public <T extends Timer> T track(T timer) {
        tracking.add(timer);
        return timer;
    }

    @Override
    public synchronized void beforeAll(ExtensionContext context) {
        classes++;
    }

    @Override
    public void preConstructTestInstance(TestInstanceFactoryContext factory, ExtensionContext context) {
        if (context.getTestInstanceLifecycle().orElse(Lifecycle.PER_METHOD) == Lifecycle.PER_METHOD) {
            tracking.testBegins();
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        if (!running.compareAndSet(null, context.getUniqueId())) {
            throw new IllegalStateException("Two tests that share a simulator run at the same time, so that neither can"
                    + " know which of them left what. Write @Execution(ExecutionMode.SAME_THREAD) on the class, or"
                    + " register the extension in a field that is not static: then each test has a simulator.");
        }
        tracking.testBegins();
        KimiSimulator service = simulator();
        service.reset();
        tracking.clients().forEach(KimiClient::resetLimits);
        tracking.mark();
        foreignConnections = Math.max(0, service.openConnections() - tracking.idleConnections());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (!context.getUniqueId().equals(running.get())) {
            return;
        }
        try {
            check();
        } finally {
            tracking.testEnded();
            if (outsideOfClasses()) {
                close();
            }
            running.set(null);
        }
    }

    private void check() {
        List<String> leaks = leaks();
        if (leaks.isEmpty()) {
            return;
        }
        // what a reset can end, the next test must not meet
        simulator().reset();
        settles(() -> tracking.leaks().isEmpty());
        throw new AssertionError("The test left something behind: " + String.join("; ", leaks)
                + ". Close streams and clients, and cancel or wait for calls, in the test that makes them.");
    }

    private List<String> leaks() {
        AtomicReference<List<String>> last = new AtomicReference<>(List.of());
        // what settled is what is reported: a look of its own may fall into the middle of a pool's closing
        settles(() -> {
            last.set(leaksNow());
            return last.get().isEmpty();
        });
        return last.get();
    }

    private List<String> leaksNow() {
        KimiSimulator service = simulator();
        List<String> leaks = new ArrayList<>(tracking.leaks());
        int requests = service.openRequests();
        if (requests > 0) {
            leaks.add("the simulator still has " + requests + " open request(s)");
        }
        int connections = service.openConnections();
        int allowed = connectionsAllowed();
        if (connections > allowed) {
            leaks.add("the simulator has " + connections + " open connection(s), but only " + allowed
                    + " can be accounted for; is a client not closed, or not tracked?");
        }
        return leaks;
    }

    @Override
    public synchronized void afterAll(ExtensionContext context) {
        classes--;
        if (classes == 0) {
            close();
        }
    }

    /** Registered too late for the class, by a field of the instance: this object ends with the test. */
    private synchronized boolean outsideOfClasses() {
        return classes == 0;
    }

    private synchronized void close() {
        if (simulator != null) {
            simulator.close();
            simulator = null;
        }
    }

    private int connectionsAllowed() {
        return foreignConnections + tracking.idleConnections();
    }

    private void settles(BooleanSupplier condition) {
        Eventually.holds(patience, condition);
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
