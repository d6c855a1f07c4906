package dev.kimi.test.autoconfigure;

import dev.kimi.test.KimiSimulator;
import java.util.List;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.MergedContextConfiguration;

/**
 * Connects the simulators of a test class. Part of the key that contexts are cached by.
 *
 * @param enable whether there are clients, whatever {@code kimi.enabled} says
 * @param connections the simulators
 */
record KimiContextCustomizer(boolean enable, List<Connection> connections) implements ContextCustomizer {

    @Override
    public void customizeContext(ConfigurableApplicationContext context, MergedContextConfiguration configuration) {
        if (enable) {
            TestPropertyValues.of("kimi.enabled=true").applyTo(context);
        }
        ConfigurableListableBeanFactory beans = context.getBeanFactory();
        for (Connection connection : connections) {
            // a singleton that is handed in is not closed with the context, which may be one of several
            beans.registerSingleton(connection.bean(), connection.simulator());
            new SimulatorConnections(beans, (BeanDefinitionRegistry) beans)
                    .register(connection.bean(), connection.clients());
        }
    }

    /**
     * A simulator.
     *
     * @param bean the name of its bean
     * @param simulator equal to itself only
     * @param clients the names of the clients to connect, or none for all
     */
    record Connection(String bean, KimiSimulator simulator, List<String> clients) {}
}
