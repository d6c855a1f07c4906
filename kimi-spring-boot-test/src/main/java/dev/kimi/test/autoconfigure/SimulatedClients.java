package dev.kimi.test.autoconfigure;

import dev.kimi.Diagnostics;
import dev.kimi.KimiClient;
import dev.kimi.error.ConfigurationException;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.junit.Tracking;
import dev.kimi.test.support.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/** The simulators of a context with the clients of it, between tests and at the end of each. */
final class SimulatedClients implements SmartInitializingSingleton {

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final ListableBeanFactory beans;
    private volatile List<KimiClient> clients = List.of();
    private volatile List<KimiSimulator> simulators = List.of();

    private final Tracking tracking = new Tracking();
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
        clients.forEach(tracking::add);
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
                && clients.stream().noneMatch(client -> spelling(client.name()).equals(spelling(wanted)))) {
            throw new ConfigurationException(
                    "@KimiServiceConnection",
                    "A simulator is connected to the client '" + wanted + "', which does not exist.",
                    "Name one of those that exist: "
                            + clients.stream().map(KimiClient::name).sorted().collect(Collectors.joining(", ")) + ".");
        }
    }

    /** A name is the same one with capitals and dashes and without, as in the settings. */
    private static ConfigurationPropertyName spelling(String name) {
        return ConfigurationPropertyName.adapt(name, '.');
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
        int idle = tracking.idleConnections();
        int open = openConnections();
        simulators.forEach(simulator -> {
            simulator.reset();
            simulator.disconnectAll();
        });
        // the clients have to see it too; what is idle beyond that is connected elsewhere, or was never used
        settles(() -> openConnections() == 0
                && tracking.idleConnections() <= Math.max(0, idle - open)
                && clients.stream()
                        .allMatch(client -> client.diagnostics().calls().total() == 0));
        clients.forEach(KimiClient::resetLimits);
        tracking.mark();
        foreignConnections = Math.max(0, openConnections() - tracking.idleConnections());
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
        List<String> leaks = new ArrayList<>(tracking.leaks());
        int requests = simulators.stream().mapToInt(KimiSimulator::openRequests).sum();
        if (requests > 0) {
            leaks.add("the simulator still has " + requests + " open request(s)");
        }
        int connections = openConnections();
        int known = foreignConnections + tracking.idleConnections();
        if (connections > known) {
            leaks.add("the simulator has " + connections + " open connection(s), but only " + known
                    + " can be accounted for; is a client that is no bean not closed?");
        }
        return leaks;
    }

    private int openConnections() {
        return simulators.stream().mapToInt(KimiSimulator::openConnections).sum();
    }

    private static boolean settles(BooleanSupplier condition) {
        return Eventually.holds(PATIENCE, condition);
    }
}
