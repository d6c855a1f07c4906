package dev.kimi.starter.autoconfigure;

import dev.kimi.Part;
import dev.kimi.error.ConfigurationException;
import dev.kimi.starter.KimiProperties;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.HierarchicalBeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.context.properties.source.UnboundElementsSourceFilter;
import org.springframework.core.env.Environment;

/**
 * Finds settings that nobody reads, since a typo in a limit would otherwise be found in production. Names below the
 * prefix of another {@link ConfigurationProperties} bean belong to that, and names below a group whose provider does
 * not declare what it reads to that provider; what the operating system's environment holds is not judged.
 */
final class UnknownSettings {

    private static final ConfigurationPropertyName KIMI = ConfigurationPropertyName.of("kimi");

    /** Read by conditions, and of no bean's. */
    static final Set<String> OF_CONDITIONS = Set.of("enabled", "metrics.enabled", "web.problem-details.enabled");

    private final SettingsReader reader;
    private final DeclaredSettings declared;
    private final ListableBeanFactory beans;
    private @Nullable List<ConfigurationPropertyName> prefixesOfOthers;

    UnknownSettings(SettingsReader reader, DeclaredSettings declared, ListableBeanFactory beans) {
        this.reader = reader;
        this.declared = declared;
        this.beans = beans;
    }

    /**
     * Looks through all sources.
     *
     * @throws ConfigurationException for the first name that nobody reads
     */
    void check(Environment environment) {
        UnboundElementsSourceFilter judged = new UnboundElementsSourceFilter();
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            if (source instanceof IterableConfigurationPropertySource names && judged.apply(source)) {
                names.stream().filter(SettingSources::isOurs).forEach(name -> check(name, names));
            }
        }
    }

    private void check(ConfigurationPropertyName name, ConfigurationPropertySource source) {
        String path = path(name, 1);
        int from = isOfClient(name) ? 3 : 1;
        if (FailoverSettings.isBelow(name, from)) {
            return;
        }
        if (ModelCardSettings.isBelow(name, from)) {
            ModelCardSettings.check(name, from);
        } else if (!name.getElement(1, ConfigurationPropertyName.Form.UNIFORM).equals("clients")) {
            check("kimi.", path, reader.top(), name, source);
        } else if (name.getNumberOfElements() > 3) {
            String client = name.getElement(2, ConfigurationPropertyName.Form.ORIGINAL);
            check("kimi.clients." + client + ".", path(name, 3), reader.named(client), name, source);
        }
    }

    private static boolean isOfClient(ConfigurationPropertyName name) {
        return name.getNumberOfElements() > 3
                && name.getElement(1, ConfigurationPropertyName.Form.UNIFORM).equals("clients");
    }

    private void check(
            String prefix,
            String path,
            ClientSettings settings,
            ConfigurationPropertyName name,
            ConfigurationPropertySource source) {
        if (reader.isKnown(path) || isOfProvider(path, settings) || isOfOthers(name)) {
            return;
        }
        throw new ConfigurationException(
                prefix + path,
                "There is no setting " + prefix + path + SettingSources.place(source.getConfigurationProperty(name))
                        + ".",
                SettingSuggestions.fix(prefix, path, further(prefix)));
    }

    private Set<String> further(String prefix) {
        Set<String> further = new TreeSet<>(declared.all());
        if (prefix.equals("kimi.")) {
            further.addAll(OF_CONDITIONS);
        }
        return further;
    }

    /** Whether it may be read by a provider that does not declare what it reads. */
    private boolean isOfProvider(String path, ClientSettings settings) {
        for (Part<?> part : Part.all()) {
            if (path.startsWith(part.prefix() + ".")) {
                return declared.isUndeclared(part, settings.provider(part));
            }
        }
        return false;
    }

    private boolean isOfOthers(ConfigurationPropertyName name) {
        if (OF_CONDITIONS.stream().anyMatch(other -> name.equals(ConfigurationPropertyName.of("kimi." + other)))) {
            return true;
        }
        if (prefixesOfOthers == null) {
            prefixesOfOthers = new ArrayList<>();
            prefixes(beans, prefixesOfOthers);
        }
        return prefixesOfOthers.stream().anyMatch(prefix -> prefix.isAncestorOf(name));
    }

    /** Without making any bean, for which it would be too early. */
    private static void prefixes(ListableBeanFactory beans, List<ConfigurationPropertyName> found) {
        for (String bean : beans.getBeanDefinitionNames()) {
            ConfigurationProperties properties = beans.findAnnotationOnBean(bean, ConfigurationProperties.class, false);
            if (properties == null || beans.getType(bean, false) == KimiProperties.class) {
                continue;
            }
            ConfigurationPropertyName prefix = ConfigurationPropertyName.adapt(properties.prefix(), '.');
            if (SettingSources.isOurs(prefix) || prefix.equals(KIMI)) {
                found.add(prefix);
            }
        }
        if (beans instanceof HierarchicalBeanFactory child
                && child.getParentBeanFactory() instanceof ListableBeanFactory parent) {
            prefixes(parent, found);
        }
    }

    /** The names from one element on, up to the index of a list. */
    private static String path(ConfigurationPropertyName name, int from) {
        StringBuilder path = new StringBuilder();
        for (int i = from; i < name.getNumberOfElements() && !name.isNumericIndex(i); i++) {
            path.append(i == from ? "" : ".").append(name.getElement(i, ConfigurationPropertyName.Form.ORIGINAL));
        }
        return path.toString();
    }
}
