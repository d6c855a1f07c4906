package dev.kimi.starter.autoconfigure;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.starter.KimiConnectionDetails;
import java.util.Arrays;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.ConfigurationCondition;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/** An application that has named clients only, each with its own key, needs no default one. */
final class DefaultClientCondition extends SpringBootCondition implements ConfigurationCondition {

    @Override
    public ConfigurationPhase getConfigurationPhase() {
        return ConfigurationPhase.REGISTER_BEAN;
    }

    @Override
    public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
        ConditionMessage.Builder message = ConditionMessage.forCondition("Default Kimi client");
        Environment environment = context.getEnvironment();
        if (ClientNames.of(environment).isEmpty()) {
            return ConditionOutcome.match(message.because("there are no named ones"));
        }
        if (isSet(environment, "kimi.api-key")
                || isSet(environment, "kimi." + FailoverSettings.KEYS)
                || isSet(environment, "kimi." + FailoverSettings.KEYS + "[0]")
                || isSet(environment, "kimi.auth.provider")) {
            return ConditionOutcome.match(message.because("it has credentials"));
        }
        var beans = context.getBeanFactory();
        if (beans != null
                && (isForDefault(beans, environment, CredentialsProvider.class)
                        || isForDefault(beans, environment, KimiConnectionDetails.class))) {
            return ConditionOutcome.match(message.because("there is a bean with credentials"));
        }
        return ConditionOutcome.noMatch(message.because("only named ones have credentials"));
    }

    /** Whether there is a bean for the default client, or for nobody in particular. */
    private static boolean isForDefault(ListableBeanFactory beans, Environment environment, Class<?> type) {
        ClientBeans forClients = new ClientBeans(beans, ClientNames.of(environment));
        return Arrays.stream(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beans, type, true, false))
                .filter(bean -> beans.getType(bean, false) != PropertiesKimiConnectionDetails.class)
                .anyMatch(forClients::isForNobody);
    }

    /**
     * Blank counts as not set, as everywhere: {@code ${KIMI_API_KEY:}} is how files say that a key is optional. A
     * reference to a variable that is not set counts as set: while code is generated ahead of time it is not there yet,
     * and a real start reports it with its place. The binder leaves such a value as it is, the environment fails.
     */
    private static boolean isSet(Environment environment, String name) {
        return StringUtils.hasText(
                Binder.get(environment).bind(name, String.class).orElse(""));
    }
}
