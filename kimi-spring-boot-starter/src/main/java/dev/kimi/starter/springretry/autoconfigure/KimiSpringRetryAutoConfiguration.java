package dev.kimi.starter.springretry.autoconfigure;

import dev.kimi.Part;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.starter.springretry.SpringRetryPolicyFactory;
import dev.kimi.time.Timer;
import dev.kimi.time.VirtualTime;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.retry.support.RetryTemplate;

/**
 * Publishes {@code kimiRetryTemplate}, a template with the rules of {@code kimi.retry.*} for the application's own
 * code.
 */
@AutoConfiguration(beforeName = "dev.kimi.starter.autoconfigure.KimiAutoConfiguration")
@ConditionalOnBooleanProperty(name = "kimi.enabled", matchIfMissing = true)
@ConditionalOnClass(RetryTemplate.class)
public final class KimiSpringRetryAutoConfiguration {

    /** Not a candidate for injection by type: an application that has templates of its own must not meet this one. */
    @Bean(defaultCandidate = false)
    @ConditionalOnMissingBean(name = "kimiRetryTemplate")
    RetryTemplate kimiRetryTemplate(Environment environment) {
        return SpringRetryPolicyFactory.template(settings(environment));
    }

    private static ProviderSettings settings(Environment environment) {
        // The rules decide and never wait, so the timer that settings ask for is one that nothing is scheduled on.
        Timer unused = new VirtualTime();
        ProviderSettings.Builder settings = Part.RETRY.settings(unused);
        for (String name : new SpringRetryPolicyFactory().settings()) {
            settings.set(name, environment.getProperty("kimi.retry." + name));
        }
        return settings.build();
    }
}
