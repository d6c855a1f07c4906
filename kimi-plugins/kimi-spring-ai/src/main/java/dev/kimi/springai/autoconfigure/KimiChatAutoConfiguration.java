package dev.kimi.springai.autoconfigure;

import dev.kimi.KimiClient;
import dev.kimi.springai.KimiChatModel;
import dev.kimi.springai.KimiChatOptions;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.model.SpringAIModelProperties;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * A {@link KimiChatModel} over the client that {@code spring.ai.kimi.client} names, by default the one that is injected
 * without a name. A bean of type {@link KimiChatOptions} holds its options. Nothing of it is there if
 * {@code spring.ai.model.chat} names another model, if {@code kimi.enabled} is false, if there is no client, or if
 * Spring AI is not on the class path.
 */
@AutoConfiguration(
        afterName = {
            "dev.kimi.starter.autoconfigure.KimiAutoConfiguration",
            "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration"
        },
        beforeName = "org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration")
@ConditionalOnClass(ChatModel.class)
@ConditionalOnBooleanProperty(name = "kimi.enabled", matchIfMissing = true)
@ConditionalOnProperty(name = SpringAIModelProperties.CHAT_MODEL, havingValue = "kimi", matchIfMissing = true)
@ConditionalOnBean(KimiClient.class)
public final class KimiChatAutoConfiguration {

    /** For the context. */
    public KimiChatAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    KimiChatModel kimiChatModel(
            ListableBeanFactory beans,
            Environment environment,
            ObjectProvider<KimiChatOptions> options,
            ObjectProvider<ObservationRegistry> observations,
            ObjectProvider<ChatModelObservationConvention> convention) {
        KimiChatModel.Builder model = KimiChatModel.builder(ClientChoice.of(environment, beans))
                .observationConvention(convention.getIfUnique());
        options.ifUnique(model::options);
        observations.ifUnique(model::observationRegistry);
        return model.build();
    }
}
