package dev.kimi.samples.quickstart;

import dev.kimi.starter.KimiConnectionDetails;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Latency;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/** Without a key, a simulator in this process responds. Your application does not need this class. */
@Configuration(proxyBeanMethods = false)
@Conditional(Simulator.NoKey.class)
final class Simulator {

    @Bean
    KimiSimulator kimiSimulator() {
        Latency pace = Latency.of(Duration.ofMillis(400), Duration.ofMillis(20))
                .withTokens(140, 0.4, 1)
                .withReasoningTokens(40);
        KimiSimulator simulator = KimiSimulator.builder().latency(pace).start();
        System.err.println("KIMI_API_KEY is not set: a simulator in this process responds, at " + simulator.baseUrl()
                + "; nothing leaves this machine.");
        return simulator;
    }

    @Bean
    KimiConnectionDetails simulated(KimiSimulator simulator) {
        return new KimiConnectionDetails() {
            @Override
            public String getBaseUrl() {
                return simulator.baseUrl();
            }

            @Override
            public CharSequence getApiKey() {
                return "simulated";
            }
        };
    }

    static final class NoKey implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return !StringUtils.hasText(context.getEnvironment().getProperty("kimi.api-key"));
        }
    }
}
