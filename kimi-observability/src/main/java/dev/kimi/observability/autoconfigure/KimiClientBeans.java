package dev.kimi.observability.autoconfigure;

import dev.kimi.KimiClient;
import dev.kimi.observability.ConnectionPoolMetrics;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.DestructionAwareBeanPostProcessor;

/**
 * Knows the clients as they come and go. It watches instead of asking for them, because a client needs the registry of
 * meters, which in an application with lazy beans is being made when the gauges are.
 */
final class KimiClientBeans implements DestructionAwareBeanPostProcessor {

    private final ObjectProvider<ConnectionPoolMetrics> pools;
    private final List<KimiClient> all = new CopyOnWriteArrayList<>();

    KimiClientBeans(ObjectProvider<ConnectionPoolMetrics> pools) {
        this.pools = pools;
    }

    List<KimiClient> all() {
        return all;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof KimiClient client) {
            all.add(client);
            notifyPools(metrics -> metrics.add(client));
        }
        return bean;
    }

    @Override
    public void postProcessBeforeDestruction(Object bean, String beanName) {
        if (bean instanceof KimiClient client && all.remove(client)) {
            notifyPools(metrics -> metrics.remove(client));
        }
    }

    @Override
    public boolean requiresDestruction(Object bean) {
        return bean instanceof KimiClient;
    }

    private void notifyPools(Consumer<ConnectionPoolMetrics> change) {
        pools.ifUnique(change);
    }
}
