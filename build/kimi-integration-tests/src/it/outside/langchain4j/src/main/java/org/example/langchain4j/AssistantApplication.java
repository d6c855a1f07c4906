package org.example.langchain4j;

import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.service.AiServices;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** Lets the model call a tool once, and ends. */
@SpringBootApplication
public class AssistantApplication {

    interface Assistant {
        String chat(String message);
    }

    static class Clock {
        @Tool("The time now")
        String now() {
            return "ten to eight";
        }
    }

    public static void main(String[] args) {
        SpringApplication.run(AssistantApplication.class, args);
    }

    @Bean
    Assistant assistant(ChatModel model) {
        return AiServices.builder(Assistant.class)
                .chatModel(model)
                .chatMemory(MessageWindowChatMemory.withMaxMessages(10))
                .tools(new Clock())
                .build();
    }

    @Bean
    CommandLineRunner call(Assistant assistant) {
        return args -> System.out.println("Response: " + assistant.chat("What time is it?"));
    }
}
