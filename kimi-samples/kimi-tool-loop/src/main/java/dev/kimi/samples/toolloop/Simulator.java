package dev.kimi.samples.toolloop;

import static dev.kimi.test.Reply.reasoning;
import static dev.kimi.test.Reply.text;

import dev.kimi.starter.KimiConnectionDetails;
import dev.kimi.test.KimiSimulator;
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
        KimiSimulator simulator = KimiSimulator.start();
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

    /** What the model says. The simulator checks each request like the service: tool turns, reasoning, schemas. */
    static void script(KimiSimulator simulator) {
        simulator.reply(
                reasoning("Both have to be looked up.")
                        .thenToolCall("trains", "{\"from\":\"Bern\",\"to\":\"Zug\"}")
                        .thenToolCall("drive", "{\"from\":\"Bern\",\"to\":\"Bern\"}"),
                reasoning("The cities must differ.").thenToolCall("drive", "{\"from\":\"Bern\",\"to\":\"Zug\"}"),
                text("Take the train at 8:02: it is there in 56 minutes, the car in 85."),
                text("{\"means\":\"TRAIN\",\"minutes\":56,\"departure\":\"08:02:00\","
                        + "\"reason\":\"Half an hour faster than the car.\"}"));
    }

    static final class NoKey implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return !StringUtils.hasText(context.getEnvironment().getProperty("kimi.api-key"));
        }
    }
}
