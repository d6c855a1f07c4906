package dev.kimi.samples.assistant;

import dev.kimi.KimiClient;
import dev.kimi.langchain4j.KimiChatModel;
import dev.kimi.langchain4j.KimiStreamingChatModel;
import dev.kimi.langchain4j.KimiTokenUsage;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.Result;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;

/**
 * Talks to Kimi, and then to Claude: in words with a tool, again with what was said before, for a record, and with a
 * stream that is cancelled. With one client, have {@code ChatModel} and {@code StreamingChatModel} injected instead of
 * making them.
 */
@Component
final class Conversation implements ApplicationRunner {

    private static final int ENOUGH = 5;

    private final List<KimiClient> clients;
    private final Forecast forecast;

    Conversation(List<KimiClient> clients, Forecast forecast) {
        this.clients = clients;
        this.forecast = forecast;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        for (KimiClient client : clients) {
            System.out.println("\n" + client.model());
            try {
                talk(assistant(client));
            } catch (LangChain4jException e) {
                System.out.println("No response: " + e.getMessage());
            }
        }
    }

    private Assistant assistant(KimiClient client) {
        return AiServices.builder(Assistant.class)
                .chatModel(KimiChatModel.of(client))
                .streamingChatModel(KimiStreamingChatModel.of(client))
                .chatMemory(MessageWindowChatMemory.withMaxMessages(20))
                .tools(forecast)
                .beforeToolExecution(tool -> System.out.println("  calls "
                        + tool.request().name() + " " + tool.request().arguments()))
                .afterToolExecution(tool -> System.out.println("  gave " + tool.result()))
                .build();
    }

    private static void talk(Assistant assistant) {
        Result<String> first = assistant.chat(said("I go to Bern tomorrow. Do I need an umbrella?"));
        print(first.content(), first.tokenUsage());
        Result<String> second = assistant.chat(said("And if I went to Rome?"));
        print(second.content(), second.tokenUsage());
        Result<Assistant.Luggage> luggage = assistant.pack(said("It is Bern. What do I pack?"));
        print(luggage.content(), luggage.tokenUsage());
        tellAndInterrupt(assistant, said("Tell me all about the weather of Bern."));
    }

    private static String said(String message) {
        System.out.println("> " + message);
        return message;
    }

    private static void print(Object response, TokenUsage usage) {
        System.out.println(response);
        String cached = usage instanceof KimiTokenUsage more ? ", " + more.cachedTokenCount() + " of them cached" : "";
        System.out.println(
                "(" + usage.inputTokenCount() + " tokens in" + cached + ", " + usage.outputTokenCount() + " out)");
    }

    /** Cancelling ends the exchange with the service, which stops generating, and billing. */
    private static void tellAndInterrupt(Assistant assistant, String message) {
        CompletableFuture<String> ended = new CompletableFuture<>();
        StringBuilder words = new StringBuilder();
        assistant
                .tell(message)
                .onPartialResponseWithContext((part, context) -> {
                    words.append(part.text());
                    if (words.toString().split(" ").length > ENOUGH) {
                        context.streamingHandle().cancel();
                        ended.complete("cancelled");
                    }
                })
                .onCompleteResponse(response -> ended.complete("complete"))
                .onError(ended::completeExceptionally)
                .start();
        try {
            String how = ended.join();
            System.out.println(words + " ... (" + how + ")");
        } catch (CompletionException e) {
            throw e.getCause() instanceof LangChain4jException failure ? failure : e;
        }
    }
}
