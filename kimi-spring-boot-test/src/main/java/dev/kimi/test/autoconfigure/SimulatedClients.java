package dev.kimi.test.autoconfigure;

import dev.kimi.Diagnostics;
import dev.kimi.KimiClient;
import dev.kimi.error.ConfigurationException;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.support.Eventually;
import dev.kimi.transport.PoolState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;

/** The simulators of a context with the clients of it, between tests and at the end of each. */
final class SimulatedClients implements SmartInitializingSingleton {

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final ListableBeanFactory beans;
    private volatile List<KimiClient> clients = List.of();
    private volatile List<KimiSimulator> simulators = List.of();

    /** What was there before the test began, by client. */
    private final Map<KimiClient, Before> before = new LinkedHashMap<>();

    private int foreignConnections;

    SimulatedClients(ListableBeanFactory beans) {
        this.beans = beans;
    }

    @Override
    public void afterSingletonsInstantiated() {
        List<SimulatorConnectionDetails> connections =
                beans.getBeanProvider(SimulatorConnectionDetails.class).stream().toList();
        clients = List.copyOf(BeanFactoryUtils.beansOfTypeIncludingAncestors(beans, KimiClient.class)
                .values());
        simulators = connections.stream()
                .map(SimulatorConnectionDetails::simulator)
                .distinct()
                .toList();
        connections.forEach(this::check);
        beans.getBeanProvider(KimiTestClock.class).forEach(clock -> clock.hurryWhile(this::allWait));
    }

    private void check(SimulatorConnectionDetails connection) {
        String wanted = connection.client();
        if (wanted != null
                && clients.stream().noneMatch(client -> uniform(client.name()).equals(uniform(wanted)))) {
            throw new ConfigurationException(
                    "@KimiServiceConnection",
                    "A simulator is connected to the client '" + wanted + "', which does not exist.",
                    "Name one of those that exist: "
                            + clients.stream().map(KimiClient::name).sorted().collect(Collectors.joining(", ")) + ".");
        }
    }

    /** A name is the same one with capitals and dashes and without, as in the settings. */
    private static String uniform(String name) {
        return name.replace("-", "").replace("_", "").toLowerCase(Locale.ROOT);
    }

    /** Whether nothing happens before a wait is over. */
    private boolean allWait() {
        int waiting = 0;
        for (KimiClient client : clients) {
            Diagnostics.Calls calls = client.diagnostics().calls();
            if (calls.sending() + calls.receiving() + calls.waitingForCredentials() > 0) {
                return false;
            }
            waiting += calls.inBackOff() + calls.queued();
        }
        return waiting > 0 && simulators.stream().allMatch(simulator -> simulator.openRequests() == 0);
    }

    /** Makes the simulators as good as new and the clients forget what they learnt, before a test. */
    void reset() {
        int idle = idleInPools();
        int open = openConnections();
        simulators.forEach(simulator -> {
            simulator.reset();
            simulator.disconnectAll();
        });
        // the clients have to see it too; what is idle beyond that is connected elsewhere, or was never used
        settles(() -> openConnections() == 0
                && idleInPools() <= Math.max(0, idle - open)
                && clients.stream()
                        .allMatch(client -> client.diagnostics().calls().total() == 0));
        clients.forEach(client -> {
            client.resetLimits();
            before.put(client, Before.of(client));
        });
        foreignConnections = Math.max(0, openConnections() - idleInPools());
    }

    /**
     * Looks for what a test has left open, except for what was there before it.
     *
     * @throws AssertionError if there is something
     */
    void check() {
        if (!settles(() -> leaks().isEmpty())) {
            throw new AssertionError("The test left something behind: " + String.join("; ", leaks()) + ".");
        }
    }

    private List<String> leaks() {
        List<String> leaks = new ArrayList<>();
        for (KimiClient client : clients) {
            find(client, before.get(client), leaks);
        }
        int requests = simulators.stream().mapToInt(KimiSimulator::openRequests).sum();
        if (requests > 0) {
            leaks.add("the simulator still has " + requests + " open request(s)");
        }
        int connections = openConnections();
        int known = foreignConnections + idleInPools();
        if (connections > known) {
            leaks.add("the simulator has " + connections + " open connection(s), but only " + known
                    + " can be accounted for; is a client that is no bean not closed?");
        }
        return leaks;
    }

    private static void find(KimiClient client, @Nullable Before before, List<String> leaks) {
        if (before == null) {
            return;
        }
        String who = "the client '" + client.name() + "'";
        for (Diagnostics.OpenCall call : client.openCalls()) {
            if (call.number() > before.lastCall()) {
                leaks.add(who + " still has a " + call.what()
                        + (call.madeAt() == null ? "" : ", made at " + call.madeAt()));
            }
        }
        PoolState pool = client.pool();
        if (busy(pool) > before.busy()) {
            leaks.add("the pool of " + who + " still has " + pool.active() + " connection(s) in use, "
                    + pool.exchanges() + " exchange(s) and " + pool.pending() + " waiting");
        }
    }

    private static int busy(PoolState pool) {
        return Math.max(0, pool.active()) + Math.max(0, pool.exchanges()) + Math.max(0, pool.pending());
    }

    private int openConnections() {
        return simulators.stream().mapToInt(KimiSimulator::openConnections).sum();
    }

    private int idleInPools() {
        List<KimiClient> counted = new ArrayList<>();
        int idle = 0;
        for (KimiClient client : clients) {
            if (counted.stream().noneMatch(client::sharesPoolWith)) {
                counted.add(client);
                idle += Math.max(0, client.pool().idle());
            }
        }
        return idle;
    }

    private static boolean settles(BooleanSupplier condition) {
        return Eventually.holds(PATIENCE, condition);
    }

    /**
     * What a test is not to blame for.
     *
     * @param lastCall the highest number of a call that has not ended
     * @param busy what is in use in the pool
     */
    private record Before(long lastCall, int busy) {

        static Before of(KimiClient client) {
            long last = client.openCalls().stream()
                    .mapToLong(Diagnostics.OpenCall::number)
                    .max()
                    .orElse(-1);
            return new Before(last, SimulatedClients.busy(client.pool()));
        }
    }
}
