package dev.kimi.starter.feign.internal;

import dev.kimi.KimiClient;
import dev.kimi.chat.Provenance;
import dev.kimi.error.ConfigurationException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.core.env.Environment;

/** The Kimi clients by the hosts that stand for them in the URLs of Feign clients. */
public final class ClientHosts {

    /** The host that stands for the default client. */
    public static final String DEFAULT = "kimi";

    private static final String SUFFIX = "KimiClient";

    private final Map<ConfigurationPropertyName, KimiClient> clients = new HashMap<>();

    /** False for tests and profiles without clients, whose Feign clients are made all the same. */
    private final boolean enabled;

    /** What to offer to whoever wrote another one. */
    private final Set<String> names = new TreeSet<>();

    ClientHosts(ListableBeanFactory beans) {
        enabled = beans.getBeanProvider(Environment.class).stream()
                .allMatch(environment -> environment.getProperty("kimi.enabled", Boolean.class, true));
        KimiClient unnamed = beans.getBeanProvider(KimiClient.class).getIfUnique();
        Map<String, KimiClient> all = BeanFactoryUtils.beansOfTypeIncludingAncestors(beans, KimiClient.class);
        all.forEach((bean, client) -> clients.put(spelling(client.name()), client));
        all.forEach((bean, client) -> {
            clients.putIfAbsent(spelling(name(bean)), client);
            if (client != unnamed) {
                names.add(name(bean));
            }
        });
        if (unnamed != null) {
            clients.putIfAbsent(spelling(DEFAULT), unnamed);
            names.add(DEFAULT);
        }
    }

    /** The name of the client that is a bean: {@code second} of {@code secondKimiClient}, else the bean's own. */
    public static String name(String bean) {
        return bean.length() > SUFFIX.length() && bean.endsWith(SUFFIX)
                ? bean.substring(0, bean.length() - SUFFIX.length())
                : bean;
    }

    /** Hosts have no capitals, and a name is the same one with dashes and without, as in the settings. */
    private static ConfigurationPropertyName spelling(String name) {
        return ConfigurationPropertyName.adapt(name, '.');
    }

    /**
     * Checks the URL of a Feign client, unless {@code kimi.enabled} is false: then only a call of it fails.
     *
     * @throws ConfigurationException if its host is the name of no client, or of one that speaks another protocol; the
     *     rest of the URL, which may hold a secret, is not shown
     */
    void check(Class<?> feignClient, String url) {
        String host = host(url);
        KimiClient client = clients.get(spelling(host));
        if (client != null) {
            checkProtocol(feignClient, host, client);
        } else if (enabled) {
            throw new ConfigurationException(
                    feignClient.getName(),
                    "The Feign client " + feignClient.getName()
                            + " has KimiFeignConfiguration, and its URL has the host '" + host
                            + "', but no client is named '" + host + "'.",
                    fix());
        }
    }

    private static void checkProtocol(Class<?> feignClient, String host, KimiClient client) {
        Speaks speaks = AnnotationUtils.findAnnotation(feignClient, Speaks.class);
        if (speaks == null || client.protocol().isEmpty() || client.protocol().equals(speaks.value())) {
            return;
        }
        throw new ConfigurationException(
                feignClient.getName(),
                "The Feign client " + feignClient.getName() + " has endpoints of the protocol " + speaks.value()
                        + ", and the client '" + host + "' that it runs over speaks " + client.protocol() + ".",
                "Use " + (Provenance.ANTHROPIC.equals(client.protocol()) ? "ClaudeApi" : "KimiApi")
                        + " for that client, or a client whose protocol is " + speaks.value() + ".");
    }

    /**
     * The client that carries a request to the URL.
     *
     * @throws InvalidRequestException if there is none, as when a method has the URL as its parameter
     */
    KimiClient find(URI url) {
        String host = host(url);
        KimiClient client = clients.get(spelling(host));
        if (client == null) {
            String fix = fix();
            throw new InvalidRequestException(
                    "The request was not sent: its URL has the host '" + host + "', but no client is named '" + host
                            + "'. " + fix,
                    KimiException.Details.NONE,
                    "url",
                    fix);
        }
        return client;
    }

    private String fix() {
        if (names.isEmpty()) {
            return enabled
                    ? "Set kimi.api-key, or name a client below kimi.clients."
                    : "There are no clients, since kimi.enabled is false. Set it to true.";
        }
        return "Write " + names.stream().map(ClientHosts::url).collect(Collectors.joining(" or "))
                + "; where the service is, that client knows.";
    }

    private static String url(String client) {
        return "url = \"http://" + client + "\"";
    }

    private static String host(String url) {
        try {
            return host(URI.create(url));
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /** The host; of one that is not written as hosts are, all but its user. */
    private static String host(URI url) {
        if (url.getHost() != null) {
            return url.getHost();
        }
        @Nullable String authority = url.getRawAuthority();
        return authority == null ? "" : authority.substring(authority.lastIndexOf('@') + 1);
    }
}
