package dev.kimi.starter.autoconfigure;

import dev.kimi.KimiClient;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.Timeouts;
import dev.kimi.transport.PoolState;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/**
 * What each client works with, whether it was set, inherited, changed by a customizer or is a default: names as in the
 * settings, and never a secret.
 */
@Endpoint(id = "kimi")
final class KimiEndpoint {

    private final ListableBeanFactory beans;
    private final ObjectProvider<KimiClientFactory> factory;

    KimiEndpoint(ListableBeanFactory beans, ObjectProvider<KimiClientFactory> factory) {
        this.beans = beans;
        this.factory = factory;
    }

    @ReadOperation
    Map<String, Object> clients() {
        Map<String, Object> all = new TreeMap<>();
        BeanFactoryUtils.beansOfTypeIncludingAncestors(beans, KimiClient.class)
                .values()
                .forEach(client -> all.put(client.name(), describe(client)));
        return Map.of("clients", all);
    }

    private Map<String, Object> describe(KimiClient client) {
        Map<String, Object> description = new LinkedHashMap<>();
        description.put("base-url", client.baseUrl().toString());
        description.put("protocol", client.protocol());
        description.put("model", client.model());
        description.put("timeout", describe(client.timeouts()));
        Map<String, Object> transport = new LinkedHashMap<>();
        PoolState pool = client.pool();
        if (pool.max() >= 0) {
            transport.put("max-connections", pool.max());
        }
        if (pool.keepAlive() >= 0) {
            transport.put("keep-alive", pool.keepAlive());
        }
        factory.ifAvailable(made -> transport.putAll(made.poolLimits(client)));
        description.put("transport", transport);
        return description;
    }

    private static Map<String, String> describe(Timeouts timeouts) {
        Map<String, String> description = new LinkedHashMap<>();
        description.put("connect", ProviderSettings.text(timeouts.connect()));
        description.put("pool-wait", ProviderSettings.text(timeouts.poolWait()));
        description.put("headers", ProviderSettings.text(timeouts.headers()));
        description.put("first-event", ProviderSettings.text(timeouts.firstEvent()));
        description.put("idle", ProviderSettings.text(timeouts.idle()));
        description.put("quiet", ProviderSettings.text(timeouts.quiet()));
        description.put("total", ProviderSettings.text(timeouts.total()));
        return description;
    }
}
