package dev.kimi.starter.autoconfigure;

import dev.kimi.batch.BatchWindow;
import dev.kimi.batch.BatchWindowFactory;
import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The application's beans that make windows of bulk runs. A window serves one run, so a singleton cannot be one. */
final class WindowBeans {

    private WindowBeans() {}

    /**
     * What makes the client's windows, or null if no bean does.
     *
     * @throws ConfigurationException if a window would be shared by runs, or there are several
     */
    static @Nullable BatchWindowFactory find(ClientBeans beans, String client) {
        BatchWindowFactory provider = beans.find(BatchWindowFactory.class, client);
        List<String> windows = beans.names(BatchWindow.class, client);
        if (windows.isEmpty()) {
            return provider;
        }
        if (provider != null || windows.size() > 1) {
            throw new ConfigurationException(
                    "kimi.batch.window",
                    "There are several beans that make windows of bulk runs for the client '" + client + "': "
                            + String.join(", ", windows) + (provider == null ? "." : ", and a BatchWindowFactory."),
                    "Keep one, or give each a @Qualifier with the name of its client.");
        }
        String window = windows.get(0);
        if (!beans.isPrototype(window)) {
            throw new ConfigurationException(
                    "kimi.batch.window",
                    "The bean '" + window + "' is a BatchWindow that all bulk runs would share, but a window serves one"
                            + " run.",
                    "Add @Scope(\"prototype\") to it, for a window per run, or publish a BatchWindowFactory.");
        }
        return new OfBean(beans, window);
    }

    private record OfBean(ClientBeans beans, String bean) implements BatchWindowFactory {
        @Override
        public String name() {
            return bean;
        }

        @Override
        public BatchWindow create(ProviderSettings settings) {
            return beans.get(bean, BatchWindow.class);
        }
    }
}
