package dev.kimi.starter.internal;

import dev.kimi.KimiClient;
import dev.kimi.error.ConfigurationException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import java.net.URI;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.Environment;

/** The clients by the hosts that stand for them in the URLs of declarative clients. */
public final class ClientHosts {

    /** The host that stands for the default client. */
    public static final String DEFAULT = "kimi";

    private static final String SUFFIX = "KimiClient";

    private final Map<ConfigurationPropertyName, KimiClient> clients = new HashMap<>();

    /** False for tests and profiles without clients, whose Feign clients are made all the same. */
    private final boolean enabled;

    /** What to offer to whoever wrote another one. */
    private final Set<String> names = new TreeSet<>();

    /** Makes the clients unless they are made. */
    public ClientHosts(ListableBeanFactory beans) {
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

    /** Whether two texts spell the same name. */
    public static boolean same(String one, String other) {
        return spelling(one).equals(spelling(other));
    }

    /** Whether a name is that of no client although there could be one. */
    public boolean isMissing(String name) {
        return enabled && !clients.containsKey(spelling(name));
    }

    /** The names that stand for a client. */
    public Set<String> names() {
        return Collections.unmodifiableSet(names);
    }

    /** Hosts have no capitals, and a name is the same one with dashes and without, as in the settings. */
    private static ConfigurationPropertyName spelling(String name) {
        return ConfigurationPropertyName.adapt(name, '.');
    }

    /**
     * The client that a URL stands for; null if there is none since {@code kimi.enabled} is false: then only a call
     * fails.
     *
     * @param setting what has the URL, and beginning of the message
     * @throws ConfigurationException if its host is the name of no client; the rest of the URL, which may hold a
     *     secret, is not shown
     */
    public @Nullable KimiClient check(String setting, String user, String url) {
        String host = host(url);
        KimiClient client = clients.get(spelling(host));
        if (client == null && enabled) {
            throw new ConfigurationException(
                    setting,
                    user + ", and its URL has the host '" + host + "', but no client is named '" + host + "'.",
                    fix());
        }
        return client;
    }

    /**
     * The client that carries a request to the URL.
     *
     * @throws InvalidRequestException if there is none, as when a method has the URL as its parameter
     */
    public KimiClient find(URI url) {
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

    /** The host of a URL, empty if it is none. */
    public static String host(String url) {
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
