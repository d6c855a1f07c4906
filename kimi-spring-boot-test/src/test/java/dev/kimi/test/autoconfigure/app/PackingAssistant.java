package dev.kimi.test.autoconfigure.app;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.MessageChatMemoryAdvisor;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.stereotype.Service;

@Service
class PackingAssistant {

    private final ChatClient chat;

    PackingAssistant(ChatClient.Builder builder, ChatMemory memory, Forecast forecast) {
        this.chat = builder.defaultTools(forecast)
                .defaultAdvisors(MessageChatMemoryAdvisor.builder(memory).build())
                .build();
    }

    String ask(String conversation, String question) {
        return chat.prompt(question)
                .advisors(advisors -> advisors.param(ChatMemory.CONVERSATION_ID, conversation))
                .call()
                .content();
    }
}
