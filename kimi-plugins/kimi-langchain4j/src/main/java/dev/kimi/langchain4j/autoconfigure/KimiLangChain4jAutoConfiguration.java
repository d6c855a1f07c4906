package dev.kimi.langchain4j.autoconfigure;

import dev.kimi.KimiClient;
import dev.kimi.langchain4j.KimiChatModel;
import dev.kimi.langchain4j.KimiChatRequestParameters;
import dev.kimi.langchain4j.KimiStreamingChatModel;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigureOrder;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;

/**
 * LangChain4j's chat models over the client that is injected without a name, where the application has none of its own,
 * other starters' included. A bean of type {@link KimiChatRequestParameters} holds their parameters, beans of type
 * {@link ChatModelListener} are notified of their calls. Nothing of it is there if {@code langchain4j.kimi.enabled} or
 * {@code kimi.enabled} is false, or if there is no such client.
 */
@AutoConfiguration(afterName = "dev.kimi.starter.autoconfigure.KimiAutoConfiguration")
@AutoConfigureOrder(Ordered.LOWEST_PRECEDENCE)
@ConditionalOnClass(ChatModel.class)
@ConditionalOnBooleanProperty(
        name = {"kimi.enabled", "langchain4j.kimi.enabled"},
        matchIfMissing = true)
@ConditionalOnSingleCandidate(KimiClient.class)
public final class KimiLangChain4jAutoConfiguration {

    /** For the context. */
    public KimiLangChain4jAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean(ChatModel.class)
    KimiChatModel kimiLangChain4jChatModel(
            KimiClient client,
            ObjectProvider<KimiChatRequestParameters> parameters,
            ObjectProvider<ChatModelListener> listeners) {
        return KimiChatModel.builder(client)
                .defaultRequestParameters(parameters.getIfUnique(() -> KimiChatRequestParameters.EMPTY))
                .listeners(listeners.orderedStream().toList())
                .build();
    }

    @Bean
    @ConditionalOnMissingBean(StreamingChatModel.class)
    KimiStreamingChatModel kimiLangChain4jStreamingChatModel(
            KimiClient client,
            ObjectProvider<KimiChatRequestParameters> parameters,
            ObjectProvider<ChatModelListener> listeners) {
        return KimiStreamingChatModel.builder(client)
                .defaultRequestParameters(parameters.getIfUnique(() -> KimiChatRequestParameters.EMPTY))
                .listeners(listeners.orderedStream().toList())
                .build();
    }
}
