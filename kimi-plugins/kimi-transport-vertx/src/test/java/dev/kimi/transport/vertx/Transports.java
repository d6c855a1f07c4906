package dev.kimi.transport.vertx;

import dev.kimi.spi.ProviderSettings;
import dev.kimi.transport.Transport;

/** Makes transports for tests. */
final class Transports {

    private Transports() {}

    /** The settings have no way to be copied, so those that the contract kit uses are passed on one by one. */
    static Transport speaking(String http, ProviderSettings settings) {
        ProviderSettings.Builder builder = ProviderSettings.builder("kimi.transport", settings.timer())
                .time(settings.time())
                .random(settings.random())
                .timeouts(settings.timeouts())
                .set("http", http)
                .set("max-connections", settings.find("max-connections"))
                .set("max-pending", settings.find("max-pending"));
        return new VertxTransportFactory().create(builder.build());
    }
}
