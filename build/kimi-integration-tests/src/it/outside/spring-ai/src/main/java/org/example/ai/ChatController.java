package org.example.ai;

import java.util.stream.Collectors;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.MessageChatMemoryAdvisor;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
class ChatController {

    record City(String name, int inhabitants) {}

    private final ChatClient chat;

    ChatController(ChatClient.Builder builder, ChatMemory memory, AiApplication.Forecast forecast) {
        this.chat = builder.defaultTools(forecast)
                .defaultAdvisors(MessageChatMemoryAdvisor.builder(memory).build())
                .build();
    }

    private ChatClient.ChatClientRequestSpec prompt(String question, String user) {
        return chat.prompt(question).advisors(advisors -> advisors.param(ChatMemory.CONVERSATION_ID, user));
    }

    @GetMapping("/chat")
    String chat(String q, String user) {
        return prompt(q, user).call().content();
    }

    @GetMapping("/stream")
    String stream(String q, String user) {
        return prompt(q, user).stream().content().collect(Collectors.joining()).block();
    }

    @GetMapping("/city")
    City city(String q, String user) {
        return prompt(q, user).call().entity(City.class, ChatClient.EntityParamSpec::useProviderStructuredOutput);
    }
}
