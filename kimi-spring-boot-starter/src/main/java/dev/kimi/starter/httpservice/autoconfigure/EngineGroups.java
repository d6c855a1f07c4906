package dev.kimi.starter.httpservice.autoconfigure;

import dev.kimi.KimiClient;
import dev.kimi.error.ConfigurationException;
import dev.kimi.starter.internal.ClientHosts;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.core.Ordered;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientHttpServiceGroupConfigurer;

/** Gives the groups that are named as a client that client beneath. */
final class EngineGroups implements RestClientHttpServiceGroupConfigurer {

    private final ListableBeanFactory beans;

    EngineGroups(ListableBeanFactory beans) {
        this.beans = beans;
    }

    /** After what settings say of a group, whose base URL and timeouts are the client's; before the application's. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE - 100;
    }

    @Override
    public void configureGroups(Groups<RestClient.Builder> groups) {
        Set<String> names = names();
        // clients are made only if there is a group of one
        EngineRequestFactory[] factory = new EngineRequestFactory[1];
        groups.filter(group -> names.stream().anyMatch(name -> ClientHosts.same(name, group.name())))
                .forEachClient((group, builder) -> {
                    if (factory[0] == null) {
                        factory[0] = new EngineRequestFactory(new ClientHosts(beans));
                    }
                    check(factory[0].hosts(), group.name());
                    builder.requestFactory(factory[0]).baseUrl("http://" + group.name());
                });
    }

    private Set<String> names() {
        Set<String> names = new TreeSet<>(Set.of(ClientHosts.DEFAULT));
        Arrays.stream(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beans, KimiClient.class, true, false))
                .map(ClientHosts::name)
                .forEach(names::add);
        return names;
    }

    private static void check(ClientHosts hosts, String group) {
        if (hosts.isMissing(group)) {
            throw new ConfigurationException(
                    "kimi",
                    "The HTTP service group '" + group + "' runs over the default client, which is not there.",
                    hosts.names().isEmpty()
                            ? "Set kimi.api-key."
                            : "Set kimi.api-key, or name the group as a client, of which there are: "
                                    + String.join(", ", hosts.names()) + ".");
        }
    }
}
