package dev.kimi.samples.assistant;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Start reading at {@link Assistant}, which LangChain4j implements, and at {@link Conversation}, which calls it. */
@SpringBootApplication
public class AssistantApplication {

    public static void main(String[] args) {
        SpringApplication.run(AssistantApplication.class, args).close();
    }
}
