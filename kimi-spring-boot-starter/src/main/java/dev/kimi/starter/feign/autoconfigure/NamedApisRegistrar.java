package dev.kimi.starter.feign.autoconfigure;

import dev.kimi.KimiClient;
import dev.kimi.starter.feign.ClaudeApi;
import dev.kimi.starter.feign.KimiApi;
import dev.kimi.starter.internal.ClientHosts;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.cloud.openfeign.FeignClientSpecification;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.ResolvableType;
import org.springframework.core.type.AnnotationMetadata;

/**
 * Registers a {@link KimiApi} or {@link ClaudeApi} per client, to be injected by the client's name as a qualifier, as
 * the client is.
 */
final class NamedApisRegistrar implements ImportBeanDefinitionRegistrar {

    private final ListableBeanFactory beans;

    NamedApisRegistrar(BeanFactory beans) {
        this.beans = (ListableBeanFactory) beans;
    }

    @Override
    public void registerBeanDefinitions(AnnotationMetadata importing, BeanDefinitionRegistry registry) {
        registerContext(ClientHosts.DEFAULT, registry);
        String[] clients = beans.getBeanNamesForType(KimiClient.class, true, false);
        for (String client : clients) {
            String name = ClientHosts.name(client);
            boolean named = !name.equals(client);
            boolean another =
                    clients.length > 1 && !registry.getBeanDefinition(client).isPrimary();
            ServiceApi kind = ServiceApi.of(registry.getBeanDefinition(client));
            String api = kind.bean(name);
            if ((named || another) && !registry.containsBeanDefinition(api)) {
                registry.registerBeanDefinition(api, definition(kind, name));
                registerContext(name, registry);
            }
        }
    }

    /** Ahead of time Spring Cloud prepares the contexts only of those Feign clients that are registered with it. */
    private static void registerContext(String client, BeanDefinitionRegistry registry) {
        String context = KimiApiFactory.context(client);
        RootBeanDefinition definition = new RootBeanDefinition(FeignClientSpecification.class);
        // without a class, since that is where Spring Cloud looks for a definition by @FeignClient
        definition.getPropertyValues().add("name", context).add("configuration", new Class<?>[0]);
        registry.registerBeanDefinition(context + "." + FeignClientSpecification.class.getSimpleName(), definition);
    }

    private static RootBeanDefinition definition(ServiceApi kind, String client) {
        RootBeanDefinition definition = new RootBeanDefinition();
        definition.setTargetType(ResolvableType.forClass(kind.type()));
        definition.setFactoryBeanName("kimiApiFactory");
        definition.setFactoryMethodName("api");
        definition.getConstructorArgumentValues().addIndexedArgumentValue(0, kind.type());
        definition.getConstructorArgumentValues().addIndexedArgumentValue(1, client);
        definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, client));
        definition.setLazyInit(true);
        // whoever asks for one without saying which means that of the default client; lists and maps hold all
        definition.setFallback(true);
        return definition;
    }
}
