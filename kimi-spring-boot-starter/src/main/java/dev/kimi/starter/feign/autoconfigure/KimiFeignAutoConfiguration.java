package dev.kimi.starter.feign.autoconfigure;

import dev.kimi.KimiClient;
import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import dev.kimi.starter.feign.ClaudeApi;
import dev.kimi.starter.feign.KimiApi;
import dev.kimi.starter.internal.ClientHosts;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.cloud.openfeign.FeignAutoConfiguration;
import org.springframework.cloud.openfeign.FeignClientBuilder;
import org.springframework.cloud.openfeign.FeignClientFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.annotation.Lazy;

/** Publishes {@link KimiApi} or {@link ClaudeApi} over each client, by the protocol that it speaks. */
@AutoConfiguration(after = {KimiAutoConfiguration.class, FeignAutoConfiguration.class})
@ConditionalOnBooleanProperty(name = "kimi.enabled", matchIfMissing = true)
@ConditionalOnClass({FeignClientBuilder.class, feign.Client.class})
@ConditionalOnBean(FeignClientFactory.class)
@Import(NamedApisRegistrar.class)
@ImportRuntimeHints(FeignHints.class)
public final class KimiFeignAutoConfiguration {

    @Bean
    KimiApiFactory kimiApiFactory(ApplicationContext context) {
        return new KimiApiFactory(context);
    }

    @Bean
    JoinedClients joinedFeignClients(ApplicationContext context) {
        return new JoinedClients(context);
    }

    /** Lazy, since it costs a context of its own, and most applications call the client. */
    @Bean
    @Lazy
    @ConditionalOnMissingBean
    @ConditionalOnSingleCandidate(KimiClient.class)
    @Conditional(DefaultClientSpeaks.OpenAi.class)
    KimiApi kimiApi(KimiApiFactory factory) {
        return factory.api(KimiApi.class, ClientHosts.DEFAULT);
    }

    @Bean
    @Lazy
    @ConditionalOnMissingBean
    @ConditionalOnSingleCandidate(KimiClient.class)
    @Conditional(DefaultClientSpeaks.Anthropic.class)
    ClaudeApi claudeApi(KimiApiFactory factory) {
        return factory.api(ClaudeApi.class, ClientHosts.DEFAULT);
    }
}
