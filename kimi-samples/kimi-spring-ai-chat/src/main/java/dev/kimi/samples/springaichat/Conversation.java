package dev.kimi.samples.springaichat;

import dev.kimi.error.KimiException;
import dev.kimi.springai.KimiChatModel;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.MessageChatMemoryAdvisor;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;

/**
 * Talks to Kimi, and then to Claude: a question that takes tools, one more that refers to it, streamed, and a record.
 * With one model, have Spring AI's {@code ChatClient.Builder} injected instead of making one.
 */
@Component
final class Conversation implements ApplicationRunner {

    private final List<KimiChatModel> models;
    private final ChatMemory memory;
    private final Journeys journeys;

    Conversation(
            KimiChatModel kimi, @Qualifier("claudeModel") KimiChatModel claude, ChatMemory memory, Journeys journeys) {
        this.models = List.of(kimi, claude);
        this.memory = memory;
        this.journeys = journeys;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        for (KimiChatModel model : models) {
            String name = Objects.requireNonNull(model.getOptions().getModel());
            ChatClient chat = ChatClient.builder(model)
                    .defaultTools(journeys)
                    .defaultAdvisors(MessageChatMemoryAdvisor.builder(memory).build())
                    .defaultAdvisors(advisors -> advisors.param(ChatMemory.CONVERSATION_ID, name))
                    .build();
            try {
                inRounds(ask(chat, name, "Train or car from Bern to Zug this morning?"));
                streamed(ask(chat, name, "And if I leave half an hour later?"));
                asRecord(ask(chat, name, "So what do you recommend?"));
            } catch (KimiException e) {
                System.out.println("No response: " + e.getMessage());
            }
        }
    }

    private static ChatClient.ChatClientRequestSpec ask(ChatClient chat, String model, String question) {
        System.out.println("\n" + model + " > " + question);
        return chat.prompt(question);
    }

    private static void inRounds(ChatClient.ChatClientRequestSpec question) {
        ChatResponse response =
                Objects.requireNonNull(question.advisors(new Rounds()).call().chatResponse());
        System.out.println(text(response));
        print("all rounds", response);
    }

    private static void streamed(ChatClient.ChatClientRequestSpec question) {
        Consumer<ChatResponse> print = piece -> System.out.print(text(piece));
        ChatResponse last = question.stream().chatResponse().doOnNext(print).blockLast();
        System.out.println();
        print("streamed", Objects.requireNonNull(last));
    }

    /** The service holds the response to the schema of the record. */
    private static void asRecord(ChatClient.ChatClientRequestSpec question) {
        var response = question.call()
                .responseEntity(Recommendation.class, ChatClient.EntityParamSpec::useProviderStructuredOutput);
        System.out.println(response.entity());
        print("record", Objects.requireNonNull(response.response()));
    }

    private static @Nullable String text(ChatResponse response) {
        return response.getResult() == null
                ? ""
                : response.getResult().getOutput().getText();
    }

    private static void print(String what, ChatResponse response) {
        Usage usage = response.getMetadata().getUsage();
        System.out.println("(" + what + ": " + usage.getPromptTokens() + " tokens in, "
                + usage.getCacheReadInputTokens() + " of them cached, " + usage.getCompletionTokens() + " out)");
    }
}
