package dev.kimi.starter;

import dev.kimi.KimiClient;
import dev.kimi.error.ConfigurationException;
import java.util.Map;
import java.util.Set;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;

/** Registers a bean per name below {@code kimi.clients}, to be injected by that name as a qualifier. */
final class NamedClientsRegistrar implements ImportBeanDefinitionRegistrar {

    private final Environment environment;

    NamedClientsRegistrar(Environment environment) {
        this.environment = environment;
    }

    @Override
    public void registerBeanDefinitions(AnnotationMetadata importing, BeanDefinitionRegistry registry) {
        for (String client : names(environment)) {
            checkName(client);
            String bean = client + "KimiClient";
            if (!registry.containsBeanDefinition(bean)) {
                registry.registerBeanDefinition(bean, definition(client));
            }
        }
    }

    static Set<String> names(Environment environment) {
        return Binder.get(environment)
                .bind("kimi.clients", Bindable.mapOf(String.class, Object.class))
                .orElse(Map.of())
                .keySet();
    }

    private static RootBeanDefinition definition(String client) {
        RootBeanDefinition definition = new RootBeanDefinition();
        definition.setTargetType(ResolvableType.forClass(KimiClient.class));
        definition.setFactoryBeanName("kimiClientFactory");
        definition.setFactoryMethodName("namedClient");
        definition.getConstructorArgumentValues().addIndexedArgumentValue(0, client);
        definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, client));
        definition.setDestroyMethodName("close");
        // whoever asks for a client without saying which means the default one
        definition.setDefaultCandidate(false);
        return definition;
    }

    private static void checkName(String client) {
        if (!client.matches("[A-Za-z0-9][A-Za-z0-9-]*") || client.equals(ClientSettings.DEFAULT)) {
            throw new ConfigurationException(
                    "kimi.clients",
                    "A client cannot be named '" + client + "'.",
                    "Use letters, digits and dashes, and not the name " + ClientSettings.DEFAULT + ".");
        }
    }
}
