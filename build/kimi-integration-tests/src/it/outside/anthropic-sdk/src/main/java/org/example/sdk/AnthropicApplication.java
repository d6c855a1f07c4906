package org.example.sdk;

import com.anthropic.client.AnthropicClient;
import com.anthropic.models.messages.MessageCreateParams;
import dev.kimi.KimiClient;
import dev.kimi.vendor.anthropic.KimiAnthropic;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** Calls once with Anthropic's client, the only one that is there, and ends. */
@SpringBootApplication
public class AnthropicApplication {

    public static void main(String[] args) {
        SpringApplication.run(AnthropicApplication.class, args);
    }

    @Bean
    AnthropicClient anthropic(KimiClient kimi) {
        return KimiAnthropic.client(kimi);
    }

    @Bean
    CommandLineRunner call(AnthropicClient anthropic, KimiClient kimi) {
        return args -> anthropic
                .messages()
                .create(MessageCreateParams.builder()
                        .model(kimi.model())
                        .maxTokens(100)
                        .addUserMessage("Hello?")
                        .build())
                .content()
                .forEach(block -> block.text().ifPresent(text -> System.out.println("Response: " + text.text())));
    }
}
