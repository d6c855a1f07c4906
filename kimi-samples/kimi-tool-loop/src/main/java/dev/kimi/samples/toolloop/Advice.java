package dev.kimi.samples.toolloop;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.error.KimiException;
import dev.kimi.test.KimiSimulator;
import dev.kimi.tool.ToolLoop;
import dev.kimi.tool.ToolLoopEvent;
import dev.kimi.tool.ToolLoopResult;
import dev.kimi.tool.ToolLoopStream;
import dev.kimi.tool.Tools;
import dev.kimi.typed.TypedChat;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;

/**
 * Asks every service that has a client: first in words, with tools, as a stream; then, in the same conversation, for a
 * record. With one client, have {@link ToolLoop} and {@link TypedChat} injected instead of making them.
 */
@Component
final class Advice implements ApplicationRunner {

    private static final String QUESTION = "Train or car from Bern to Zug this morning?";

    private final List<KimiClient> clients;
    private final Tools tools;
    private final ObjectProvider<KimiSimulator> simulator;

    Advice(List<KimiClient> clients, Tools tools, ObjectProvider<KimiSimulator> simulator) {
        this.clients = clients;
        this.tools = tools;
        this.simulator = simulator;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        for (KimiClient client : clients) {
            simulator.ifAvailable(Simulator::script);
            System.out.println("\n[" + client.name() + ", " + client.model() + "]\n> " + QUESTION + "\n");
            try (ToolLoop loop =
                    ToolLoop.builder(client).tools(tools).maxRounds(5).build()) {
                ToolLoopResult result = inWords(loop);
                asRecord(client, result);
            } catch (KimiException e) {
                System.out.println("\nNo response: " + e.getMessage());
            }
        }
    }

    private static ToolLoopResult inWords(ToolLoop loop) {
        try (ToolLoopStream stream = loop.stream(ChatRequest.of(QUESTION))) {
            stream.forEach(Advice::show);
            System.out.println("\n\n" + stream.result().rounds() + " calls, "
                    + stream.result().usage().totalTokens() + " tokens");
            return stream.result();
        }
    }

    private static void show(ToolLoopEvent event) {
        if (event instanceof ToolLoopEvent.ToolStarted started) {
            System.out.println(
                    "  calls " + started.call().name() + " " + started.call().arguments());
        } else if (event instanceof ToolLoopEvent.ToolEnded ended) {
            System.out.println("  " + ended.call().name() + " took "
                    + ended.elapsed().toMillis() + " ms" + (ended.result().error() ? " and failed" : ""));
        } else if (event instanceof ToolLoopEvent.Chat chat && chat.event() instanceof ChatEvent.Text text) {
            System.out.print(text.value());
        }
    }

    private static void asRecord(KimiClient client, ToolLoopResult result) {
        ChatRequest request = result.conversation().toBuilder()
                .user("So what do you recommend? Reply as JSON.")
                .build();
        System.out.println(
                TypedChat.of(client).chat(request, Recommendation.class).value());
    }
}
