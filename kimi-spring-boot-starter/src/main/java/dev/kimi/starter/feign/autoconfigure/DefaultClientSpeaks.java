package dev.kimi.starter.feign.autoconfigure;

import dev.kimi.KimiClient;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.ConfigurationCondition;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Whether the client that is injected without a qualifier speaks the protocol of a Feign client. */
abstract class DefaultClientSpeaks extends SpringBootCondition implements ConfigurationCondition {

    private final ServiceApi wanted;

    private DefaultClientSpeaks(ServiceApi wanted) {
        this.wanted = wanted;
    }

    static final class OpenAi extends DefaultClientSpeaks {
        OpenAi() {
            super(ServiceApi.KIMI);
        }
    }

    static final class Anthropic extends DefaultClientSpeaks {
        Anthropic() {
            super(ServiceApi.CLAUDE);
        }
    }

    @Override
    public ConfigurationPhase getConfigurationPhase() {
        return ConfigurationPhase.REGISTER_BEAN;
    }

    @Override
    public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
        ConfigurableListableBeanFactory beans = context.getBeanFactory();
        String client = beans == null ? null : defaultClient(beans);
        boolean matches =
                beans != null && client != null && ServiceApi.of(beans.getMergedBeanDefinition(client)) == wanted;
        return new ConditionOutcome(
                matches,
                ConditionMessage.forCondition("Protocol of the default client")
                        .because(matches ? "it is that of " + wanted.type().getSimpleName() : "it is another"));
    }

    /** Its bean, or null; a client of a parent context, of which no definition is here, is none. */
    private static @Nullable String defaultClient(ConfigurableListableBeanFactory beans) {
        List<String> clients = Arrays.asList(beans.getBeanNamesForType(KimiClient.class, true, false));
        return clients.stream()
                .filter(bean -> beans.getMergedBeanDefinition(bean).isPrimary())
                .findFirst()
                .or(() -> clients.stream()
                        .filter(bean -> clients.size() == 1
                                || !beans.getMergedBeanDefinition(bean).isFallback())
                        .findFirst())
                .orElse(null);
    }
}
