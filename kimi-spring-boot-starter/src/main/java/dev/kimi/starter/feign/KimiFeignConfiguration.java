package dev.kimi.starter.feign;

import dev.kimi.starter.feign.internal.EngineClient;
import dev.kimi.starter.feign.internal.KimiFeignBuilder;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.context.annotation.Bean;

/**
 * Lets a Feign client of the application's own run over the engine: {@code @FeignClient(name = "…", url =
 * "http://kimi", configuration = KimiFeignConfiguration.class)}. The host of the URL is the name of the Kimi client,
 * {@code kimi} for the default one; without a URL it is the name of the Feign client. Such a client then has the
 * credentials, quotas, retries, timeouts, metrics and pool of the Kimi client, throws its exceptions, and cannot
 * stream.
 *
 * <p>A host that is the name of no client, and a return type that no response can be read into, stop the start with a
 * {@link dev.kimi.error.ConfigurationException}.
 *
 * <p>Not annotated with {@code @Configuration}, so that scanning for components does not apply it to all Feign clients.
 */
public final class KimiFeignConfiguration {

    @Bean
    KimiFeignBuilder kimiFeignBuilder(ListableBeanFactory beans) {
        return new KimiFeignBuilder(beans);
    }

    /** Without one Spring Cloud asks for a load balancer where a Feign client has no URL. */
    @Bean
    EngineClient kimiFeignEngine(KimiFeignBuilder builder) {
        return builder.client();
    }
}
