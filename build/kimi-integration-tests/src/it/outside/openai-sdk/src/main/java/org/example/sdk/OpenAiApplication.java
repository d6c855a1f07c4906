package org.example.sdk;

import com.openai.client.OpenAIClient;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.kimi.KimiClient;
import dev.kimi.vendor.openai.KimiOpenAi;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** Calls once with OpenAI's client, the only one that is there, and ends. */
@SpringBootApplication
public class OpenAiApplication {

    public static void main(String[] args) {
        SpringApplication.run(OpenAiApplication.class, args);
    }

    @Bean
    OpenAIClient openAi(KimiClient kimi) {
        return KimiOpenAi.client(kimi);
    }

    @Bean
    CommandLineRunner call(OpenAIClient openAi, KimiClient kimi) {
        return args -> System.out.println("Response: "
                + openAi.chat()
                        .completions()
                        .create(ChatCompletionCreateParams.builder()
                                .model(kimi.model())
                                .addUserMessage("Hello?")
                                .build())
                        .choices()
                        .get(0)
                        .message()
                        .content()
                        .orElse("none"));
    }
}
