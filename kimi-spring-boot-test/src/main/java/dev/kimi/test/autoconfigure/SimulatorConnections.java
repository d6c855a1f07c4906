package dev.kimi.test.autoconfigure;

import dev.kimi.starter.KimiConnectionDetails;
import dev.kimi.test.KimiSimulator;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.config.RuntimeBeanReference;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.type.MethodMetadata;

/** Registers connection details for the simulators that a context holds. */
final class SimulatorConnections {

    /** Spring Boot's own, by its name, since it comes with Testcontainers. */
    static final String OF_BOOT = "org.springframework.boot.testcontainers.service.connection.ServiceConnection";

    private static final String CLIENTS = "kimiSimulatedClients";

    private final ConfigurableListableBeanFactory beans;
    private final BeanDefinitionRegistry registry;

    SimulatorConnections(ConfigurableListableBeanFactory beans, BeanDefinitionRegistry registry) {
        this.beans = beans;
        this.registry = registry;
    }

    /** Connects the simulators whose bean is annotated. */
    void registerAnnotated() {
        for (String simulator : simulators()) {
            List<String> clients = annotatedClients(simulator);
            if (clients != null) {
                register(simulator, clients);
            }
        }
    }

    /** Connects the one whose bean is not annotated to all clients that nobody else is for. */
    void registerOther() {
        for (String simulator : simulators()) {
            if (beans.containsBeanDefinition(simulator) && annotatedClients(simulator) == null) {
                register(simulator, List.of());
            }
        }
    }

    /** Whether there is something to connect all clients to. */
    boolean isForAll() {
        return Arrays.stream(beans.getBeanNamesForType(KimiConnectionDetails.class, true, false))
                        .anyMatch(details -> !isForOneClient(details))
                || simulators().stream()
                        .anyMatch(simulator ->
                                beans.containsBeanDefinition(simulator) && annotatedClients(simulator) == null);
    }

    /**
     * Connects a simulator.
     *
     * @param simulator the name of its bean
     * @param clients the names of the clients, or none for all
     */
    void register(String simulator, List<String> clients) {
        for (String client : clients.isEmpty() ? List.of("") : clients) {
            RootBeanDefinition details = new RootBeanDefinition(SimulatorConnectionDetails.class);
            details.getConstructorArgumentValues().addIndexedArgumentValue(0, new RuntimeBeanReference(simulator));
            details.getConstructorArgumentValues().addIndexedArgumentValue(1, client);
            if (!client.isEmpty()) {
                details.addQualifier(new AutowireCandidateQualifier(Qualifier.class, client));
            }
            registry.registerBeanDefinition(
                    simulator + "ConnectionDetails" + (client.isEmpty() ? "" : "." + client), details);
        }
        if (!registry.containsBeanDefinition(CLIENTS)) {
            RootBeanDefinition all = new RootBeanDefinition(SimulatedClients.class);
            all.setAutowireMode(AbstractBeanDefinition.AUTOWIRE_CONSTRUCTOR);
            all.setRole(BeanDefinition.ROLE_INFRASTRUCTURE);
            registry.registerBeanDefinition(CLIENTS, all);
        }
    }

    private List<String> simulators() {
        return List.of(beans.getBeanNamesForType(KimiSimulator.class, true, false));
    }

    private boolean isForOneClient(String details) {
        return beans.containsBeanDefinition(details)
                && (beans.getBeanDefinition(details) instanceof AbstractBeanDefinition definition
                                && definition.hasQualifier(Qualifier.class.getName())
                        || annotations(details).isPresent(Qualifier.class));
    }

    /** The clients that the annotation names, none for all, or null without an annotation. */
    private @Nullable List<String> annotatedClients(String simulator) {
        MergedAnnotations annotations = annotations(simulator);
        MergedAnnotation<KimiServiceConnection> own = annotations.get(KimiServiceConnection.class);
        if (own.isPresent()) {
            return List.of(own.getStringArray(MergedAnnotation.VALUE));
        }
        MergedAnnotation<?> ofBoot = annotations.get(OF_BOOT);
        if (ofBoot.isPresent()) {
            String client = ofBoot.getString("name");
            return client.isEmpty() ? List.of() : List.of(client);
        }
        return null;
    }

    /** Those of the method that makes the bean. */
    private MergedAnnotations annotations(String bean) {
        MethodMetadata method = beans.containsBeanDefinition(bean)
                        && beans.getBeanDefinition(bean) instanceof AnnotatedBeanDefinition annotated
                ? annotated.getFactoryMethodMetadata()
                : null;
        return method == null ? MergedAnnotations.of(List.of()) : method.getAnnotations();
    }
}
