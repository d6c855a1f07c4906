package dev.kimi.test.autoconfigure;

import dev.kimi.starter.KimiConnectionDetails;
import dev.kimi.test.KimiSimulator;
import org.jspecify.annotations.Nullable;

/** Connects to a simulator. */
final class SimulatorConnectionDetails implements KimiConnectionDetails {

    private final KimiSimulator simulator;
    private final @Nullable String client;

    /** @param client the one client to connect, or blank for all */
    SimulatorConnectionDetails(KimiSimulator simulator, String client) {
        this.simulator = simulator;
        this.client = client.isBlank() ? null : client;
    }

    KimiSimulator simulator() {
        return simulator;
    }

    /** The one client that is connected, or null for all. */
    @Nullable String client() {
        return client;
    }

    @Override
    public String getBaseUrl() {
        return simulator.baseUrl();
    }

    @Override
    public @Nullable CharSequence getApiKey() {
        return simulator.apiKey();
    }
}
