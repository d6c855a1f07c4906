package dev.kimi.starter.autoconfigure;

import dev.kimi.KimiClient;
import dev.kimi.chat.Provenance;
import dev.kimi.error.ConfigurationException;
import dev.kimi.starter.KimiClientProperties;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/** Which protocol a client will speak, by its settings alone: before there are beans. */
final class ClientProtocols {

    /** Of the definition of a client, for those who register what fits only one protocol. */
    private static final String ATTRIBUTE = KimiClient.class.getName() + ".protocol";

    private ClientProtocols() {}

    /** Notes the protocol of a client in the definition of its bean, if there is one. */
    static void note(BeanDefinitionRegistry registry, String bean, Environment environment, String client) {
        if (registry.containsBeanDefinition(bean)) {
            registry.getBeanDefinition(bean).setAttribute(ATTRIBUTE, of(environment, client));
        }
    }

    /** The protocol of a client that is named in the settings, or of the default one. */
    static String of(Environment environment, String client) {
        try {
            ClientSettings top = settings(environment, ClientSettings.DEFAULT, "kimi.");
            return client.equals(ClientSettings.DEFAULT)
                    ? top.protocol()
                    : settings(environment, client, "kimi.clients." + client + ".")
                            .inheriting(top)
                            .protocol();
        } catch (BindException | ConfigurationException e) {
            return Provenance.OPENAI; // what is wrong is reported when the client is made
        }
    }

    private static ClientSettings settings(Environment environment, String client, String prefix) {
        KimiClientProperties properties = new KimiClientProperties();
        properties.setProtocol(text(environment, prefix + "protocol"));
        properties.setBaseUrl(text(environment, prefix + "base-url"));
        return ClientSettings.of(client, properties, Map.of());
    }

    private static @Nullable String text(Environment environment, String name) {
        return Binder.get(environment)
                .bind(ClientNames.spelling(name), Bindable.of(String.class))
                .orElse(null);
    }
}
