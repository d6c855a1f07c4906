package dev.kimi.starter.feign;

import dev.kimi.KimiClient;
import dev.kimi.starter.KimiAutoConfiguration;
import java.util.List;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.cloud.openfeign.FeignAutoConfiguration;
import org.springframework.cloud.openfeign.FeignClientBuilder;
import org.springframework.cloud.openfeign.FeignClientFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/** Publishes {@link KimiApi} over the default client. */
@AutoConfiguration(after = {KimiAutoConfiguration.class, FeignAutoConfiguration.class})
@ConditionalOnClass({FeignClientBuilder.class, feign.Client.class})
public final class KimiFeignAutoConfiguration {

    @Bean
    @ConditionalOnBean(FeignClientFactory.class)
    JoinedClients joinedFeignClients(ApplicationContext context) {
        return new JoinedClients(context);
    }

    /** Lazy, since it costs a context of its own, and most applications call the client. */
    @Bean
    @Lazy
    @ConditionalOnMissingBean
    @ConditionalOnBean(FeignClientFactory.class)
    @ConditionalOnSingleCandidate(KimiClient.class)
    KimiApi kimiApi(ApplicationContext context) {
        KimiFeignBuilder engine = new KimiFeignBuilder(context);
        return new FeignClientBuilder(context)
                .forType(KimiApi.class, "kimiApi")
                .url("http://kimi")
                // interceptors of the application are made for other services
                .customize(builder -> builder.requestInterceptors(List.of()))
                .customize(engine)
                .build();
    }
}
