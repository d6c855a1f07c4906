package dev.kimi.starter.aot;

import dev.kimi.KimiClient;
import dev.kimi.starter.feign.ClaudeApi;
import dev.kimi.starter.feign.ClaudeApi.MessageRequest;
import dev.kimi.starter.feign.KimiApi;
import java.util.Map;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Calls once with each of its clients, and ends. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class AotApplication {

    @Bean
    Clients clients(
            KimiClient one,
            @Qualifier("my-second") KimiClient second,
            Map<String, KimiClient> all,
            KimiApi oneApi,
            @Qualifier("my-second") KimiApi secondApi,
            ClaudeApi claudeApi) {
        return new Clients(one, second, all, oneApi, secondApi, claudeApi);
    }

    public static void main(String[] args) {
        try (ConfigurableApplicationContext context = SpringApplication.run(AotApplication.class, args)) {
            Clients clients = context.getBean(Clients.class);
            clients.one.models();
            clients.second.models();
            clients.oneApi.models();
            clients.secondApi.models();
            long tokens = clients.claudeApi
                    .countTokens(MessageRequest.of("claude-sonnet-5-5", "Why?"))
                    .inputTokens();
            System.out.println("generated " + System.getProperty("spring.aot.enabled") + ", clients "
                    + clients.all.size() + ", tokens " + (tokens > 0));
        }
    }

    record Clients(
            KimiClient one,
            KimiClient second,
            Map<String, KimiClient> all,
            KimiApi oneApi,
            KimiApi secondApi,
            ClaudeApi claudeApi) {}
}
