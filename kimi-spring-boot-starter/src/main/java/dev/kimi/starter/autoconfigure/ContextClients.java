package dev.kimi.starter.autoconfigure;

import dev.kimi.KimiClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/** Finds the clients that a context has made, whoever has configured them. */
final class ContextClients {

    private ContextClients() {}

    /** What a client says, or that it is done: a mock in place of a client says null. */
    static CompletableFuture<Boolean> doneUnless(@Nullable CompletableFuture<Boolean> said) {
        return said == null ? CompletableFuture.completedFuture(true) : said;
    }

    /** Neither those that nobody has asked for yet nor those of a parent, which may outlive the context. */
    static List<KimiClient> of(ConfigurableListableBeanFactory beans) {
        List<KimiClient> made = new ArrayList<>();
        for (String name : beans.getBeanNamesForType(KimiClient.class, false, false)) {
            if (beans.containsSingleton(name)) {
                made.add(beans.getBean(name, KimiClient.class));
            }
        }
        return made;
    }
}
