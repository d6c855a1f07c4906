package dev.kimi.starter.feign.autoconfigure;

import dev.kimi.starter.feign.ClaudeApi;
import dev.kimi.starter.feign.KimiApi;
import dev.kimi.starter.feign.internal.KimiFeignBuilder;
import java.util.List;
import org.springframework.cloud.openfeign.FeignClientBuilder;
import org.springframework.context.ApplicationContext;

/** Makes each {@link KimiApi} and {@link ClaudeApi}. */
final class KimiApiFactory {

    private final ApplicationContext context;

    KimiApiFactory(ApplicationContext context) {
        this.context = context;
    }

    /** The name by which Feign's own settings and its context know the one of that client. */
    static String context(String client) {
        return client + "Api";
    }

    /**
     * Makes one.
     *
     * @param type which of them
     * @param client the name of the client that it runs over, {@code kimi} for the default one
     */
    <T> T api(Class<T> type, String client) {
        return new FeignClientBuilder(context)
                .forType(type, context(client))
                .url("http://" + client)
                // interceptors of the application are made for other services
                .customize(builder -> builder.requestInterceptors(List.of()))
                .customize(new KimiFeignBuilder(context))
                .build();
    }
}
