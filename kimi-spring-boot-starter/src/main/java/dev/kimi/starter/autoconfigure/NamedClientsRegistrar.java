package dev.kimi.starter.autoconfigure;

import dev.kimi.KimiClient;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
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
        ClientProtocols.note(registry, "kimiClient", environment, ClientSettings.DEFAULT);
        for (String client : ClientNames.of(environment)) {
            String bean = client + "KimiClient";
            if (!registry.containsBeanDefinition(bean)) {
                registry.registerBeanDefinition(bean, definition(client));
                ClientProtocols.note(registry, bean, environment, client);
            }
        }
    }

    private static RootBeanDefinition definition(String client) {
        RootBeanDefinition definition = new RootBeanDefinition();
        definition.setTargetType(ResolvableType.forClass(KimiClient.class));
        definition.setFactoryBeanName("kimiClientFactory");
        definition.setFactoryMethodName("namedClient");
        definition.getConstructorArgumentValues().addIndexedArgumentValue(0, client);
        definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, client));
        definition.setDestroyMethodName("close");
        // whoever asks for a client without saying which means the default one; lists and maps hold all
        definition.setFallback(true);
        return definition;
    }
}
