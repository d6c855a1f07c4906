package dev.kimi.starter.leftout;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.retry.RetryPolicy;

/** An application on a class path of its own. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class LeftOutApplication {

    /** Five attempts, of which the presets have three. */
    @Bean
    @ConditionalOnBooleanProperty("own-policy")
    RetryPolicy ownPolicy() {
        return RetryPolicy.builder().maxRetries(4).delay(Duration.ofMillis(1)).build();
    }

    /** Starts, calls once with each client and ends; says what there was, or why it did not start. */
    public static String run(String... properties) {
        System.setProperty(LoggingSystem.SYSTEM_PROPERTY, LoggingSystem.NONE);
        try (var kimi = KimiSimulator.builder().keys("sk-test", "sk-second").start();
                ConfigurableApplicationContext context = start(kimi, properties)) {
            if (context.containsBean("ownPolicy")) {
                Reply broken = Reply.status(500, "{}");
                kimi.reply(broken, broken, broken, broken);
            }
            context.getBeanProvider(KimiClient.class).stream().forEach(client -> {
                client.models();
                client.chatAsync(ChatRequest.of("Hello?")).join();
            });
            if (context.containsBean("kimiApi")) {
                Object api = context.getBean("kimiApi");
                api.getClass().getMethod("models").invoke(api);
            }
            return "responded; kimiApi " + context.containsBean("kimiApi") + "; kimiRetryTemplate "
                    + context.containsBean("kimiRetryTemplate");
        } catch (RuntimeException | ReflectiveOperationException | LinkageError e) {
            return Stream.<Throwable>iterate(e, cause -> cause != null, Throwable::getCause)
                    .map(Throwable::toString)
                    .reduce("", (all, one) -> all + "\n" + one);
        } finally {
            System.clearProperty(LoggingSystem.SYSTEM_PROPERTY);
        }
    }

    private static ConfigurableApplicationContext start(KimiSimulator kimi, String... properties) {
        return new SpringApplicationBuilder(LeftOutApplication.class)
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .run(Stream.concat(Arrays.stream(properties), Stream.of("kimi.base-url=" + kimi.baseUrl()))
                        .map(property -> "--" + property)
                        .toArray(String[]::new));
    }
}
