package dev.kimi.tool.autoconfigure;

import dev.kimi.KimiClient;
import dev.kimi.tool.ToolLoop;
import dev.kimi.tool.ToolMethod;
import dev.kimi.tool.Tools;
import dev.kimi.typed.TypedChat;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.thread.Threading;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.core.task.VirtualThreadTaskExecutor;
import org.springframework.util.ClassUtils;

/**
 * A {@link TypedChat} and a {@link ToolLoop} over the application's {@link KimiClient}, and the {@link Tools} of all
 * beans that have methods with {@link ToolMethod}. A bean of the application's own of the same type wins. Nothing of it
 * is there if {@code kimi.enabled} is false, or if there are several clients and none is primary.
 */
@AutoConfiguration(afterName = "dev.kimi.starter.autoconfigure.KimiAutoConfiguration")
@ConditionalOnBooleanProperty(name = "kimi.enabled", matchIfMissing = true)
@ConditionalOnSingleCandidate(KimiClient.class)
public final class KimiTypedAutoConfiguration {

    /** For the context. */
    public KimiTypedAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    TypedChat kimiTypedChat(KimiClient client) {
        return TypedChat.of(client);
    }

    /** Lazy: it looks at every bean, which only an application that uses it should pay for. */
    @Bean
    @Lazy
    @ConditionalOnMissingBean
    Tools kimiTools(ListableBeanFactory beans) {
        return ToolBeans.in(beans);
    }

    @Bean
    @Lazy
    @ConditionalOnMissingBean
    ToolLoop kimiToolLoop(
            KimiClient client, Tools tools, Environment environment, ObjectProvider<ToolLoop.Customizer> customizers) {
        ToolLoop.Builder builder = ToolLoop.builder(client).tools(tools);
        if (Threading.VIRTUAL.isActive(environment)) {
            builder.executor(new VirtualThreadTaskExecutor("kimi-tool-"));
        }
        if (ClassUtils.isPresent("io.micrometer.context.ContextSnapshotFactory", null)) {
            builder.toolContext(new ThreadLocals());
        }
        customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
        return builder.build();
    }
}
