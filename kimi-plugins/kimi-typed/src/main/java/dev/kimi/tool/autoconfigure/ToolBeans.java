package dev.kimi.tool.autoconfigure;

import dev.kimi.error.ConfigurationException;
import dev.kimi.tool.Tools;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.util.ClassUtils;

/** Finds the beans that have tools. Only those are made. */
final class ToolBeans {

    private ToolBeans() {}

    /**
     * The tools of all singletons and scoped proxies, in the order of the beans' names, so that prompts stay the same.
     *
     * @throws ConfigurationException if a tool cannot be offered
     */
    static Tools in(ListableBeanFactory beans) {
        Tools.Builder tools = Tools.builder();
        String[] names = beans.getBeanNamesForType(Object.class, false, false);
        Arrays.sort(names);
        for (String name : names) {
            if (hasTools(beans.getType(name, false))) {
                add(tools, name, beans.getBean(name));
            }
        }
        return tools.build();
    }

    private static boolean hasTools(@Nullable Class<?> type) {
        if (type == null || type.getName().startsWith("org.springframework.")) {
            return false;
        }
        try {
            return Tools.areIn(ClassUtils.getUserClass(type));
        } catch (LinkageError e) {
            // a class whose own classes are missing, as optional dependencies may be
            return false;
        }
    }

    private static void add(Tools.Builder tools, String name, Object bean) {
        try {
            tools.methodsOf(bean);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(
                    name,
                    "The bean '" + name + "' has a tool that cannot be offered to the model: " + e.getMessage() + ".",
                    "Change the method with @ToolMethod, or give the application a bean of type Tools of its own.");
        }
    }
}
