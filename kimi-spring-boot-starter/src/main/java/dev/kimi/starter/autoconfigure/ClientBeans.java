package dev.kimi.starter.autoconfigure;

import dev.kimi.error.ConfigurationException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;

/**
 * Finds the application's beans for a client. A bean whose name or qualifier is the name of a client is for that client
 * alone.
 */
final class ClientBeans {

    private final ListableBeanFactory beans;
    private final Set<String> clients;

    /** @param clients the names of all clients but the default one */
    ClientBeans(ListableBeanFactory beans, Set<String> clients) {
        this.beans = beans;
        this.clients = clients;
    }

    /** The bean for the client alone, else the one that is for nobody in particular, else null. */
    <T> @Nullable T find(Class<T> type, String client) {
        T own = findOwn(type, client);
        return own == null ? one(type, namesFor(type, null)) : own;
    }

    /** The bean for the client alone; for the default client also the one that is for nobody in particular. */
    <T> @Nullable T findForAccount(Class<T> type, String client) {
        return client.equals(ClientSettings.DEFAULT) ? find(type, client) : findOwn(type, client);
    }

    /** All beans but those for other clients, in their order. */
    <T> List<T> all(Class<T> type, String client) {
        List<Object> forOthers = new ArrayList<>();
        for (String other : clients) {
            if (!other.equals(client)) {
                namesFor(type, other).forEach(name -> forOthers.add(beans.getBean(name)));
            }
        }
        return beans.getBeanProvider(type)
                .orderedStream()
                .filter(bean -> forOthers.stream().noneMatch(other -> other == bean))
                .toList();
    }

    /** The names of the beans that {@link #find} chooses from. */
    List<String> names(Class<?> type, String client) {
        List<String> own = namesFor(type, client);
        return own.isEmpty() ? namesFor(type, null) : own;
    }

    /** True if the bean is made anew whenever it is asked for. */
    boolean isPrototype(String name) {
        return beans.isPrototype(name);
    }

    <T> T get(String name, Class<T> type) {
        return beans.getBean(name, type);
    }

    private <T> @Nullable T findOwn(Class<T> type, String client) {
        return one(type, namesFor(type, client));
    }

    private List<String> namesFor(Class<?> type, @Nullable String client) {
        return Arrays.stream(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beans, type))
                .filter(name -> client == null ? isForNobody(name) : isFor(client, name))
                .toList();
    }

    /** Whether the bean is for none of the named clients in particular. */
    boolean isForNobody(String name) {
        return clients.stream().noneMatch(client -> isFor(client, name));
    }

    private boolean isFor(String client, String bean) {
        return BeanFactoryAnnotationUtils.isQualifierMatch(name -> ClientNames.same(name, client), bean, beans);
    }

    private <T> @Nullable T one(Class<T> type, List<String> names) {
        if (names.size() > 1) {
            T unique = beans.getBeanProvider(type).getIfUnique();
            if (unique == null) {
                throw new ConfigurationException(
                        "kimi",
                        "There are several beans of type " + type.getName() + ": " + String.join(", ", names) + ".",
                        "Mark one as @Primary, or give each a @Qualifier with the name of its client.");
            }
            return unique;
        }
        return names.isEmpty() ? null : beans.getBean(names.get(0), type);
    }
}
