package dev.kimi.samples.springaichat;

import dev.kimi.KimiClient;
import dev.kimi.springai.KimiChatModel;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** Start reading at {@link Conversation}; the model calls the methods of {@link Journeys}. */
@SpringBootApplication
public class SpringAiChatApplication {

    public static void main(String[] args) {
        SpringApplication.run(SpringAiChatApplication.class, args).close();
    }

    /** Beside that of the default client, which Spring Boot makes. */
    @Bean(defaultCandidate = false)
    KimiChatModel claudeModel(@Qualifier("claude") KimiClient claude) {
        return KimiChatModel.builder(claude).build();
    }
}
