package dev.kimi.springai.autoconfigure;

import dev.kimi.KimiClient;
import dev.kimi.error.ConfigurationException;
import java.util.List;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/** The client that the chat model calls. */
final class ClientChoice {

    private static final String SETTING = "spring.ai.kimi.client";

    private ClientChoice() {}

    /** @throws ConfigurationException if there is none of the name, or several and no name */
    static KimiClient of(Environment environment, ListableBeanFactory beans) {
        String name = environment.getProperty(SETTING, "");
        return StringUtils.hasText(name) ? named(name, beans) : only(beans);
    }

    private static KimiClient only(ListableBeanFactory beans) {
        KimiClient client = beans.getBeanProvider(KimiClient.class).getIfUnique();
        if (client == null) {
            throw new ConfigurationException(
                    SETTING,
                    "There are several clients and none is primary: " + String.join(", ", names(beans)) + ".",
                    "Set " + SETTING + " to the name of one of them.");
        }
        return client;
    }

    private static KimiClient named(String name, ListableBeanFactory beans) {
        for (String bean : BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beans, KimiClient.class)) {
            if (BeanFactoryAnnotationUtils.isQualifierMatch(other -> same(name, other), bean, beans)) {
                return beans.getBean(bean, KimiClient.class);
            }
        }
        for (KimiClient client : beans.getBeanProvider(KimiClient.class)) {
            if (same(name, client.name())) {
                return client;
            }
        }
        throw new ConfigurationException(
                SETTING,
                "There is no client named '" + name + "'.",
                "Use one of " + String.join(", ", names(beans)) + ", or add it below kimi.clients.");
    }

    private static List<String> names(ListableBeanFactory beans) {
        return beans.getBeanProvider(KimiClient.class).stream()
                .map(KimiClient::name)
                .sorted()
                .toList();
    }

    /** As for every name of Spring Boot, capitals and dashes do not make another one. */
    private static boolean same(String one, String other) {
        return ConfigurationPropertyName.adapt(one, '.').equals(ConfigurationPropertyName.adapt(other, '.'));
    }
}
